import { runCase } from './case.ts'
import { caseCalled } from './cases.ts'
import { type BenchOptions, FlagError } from './flags.ts'
import { exitCodeOf, GATES, type Judgement, judge, judgementText } from './gates.ts'
import { loadText, machineFacts, touchMemory } from './machine.ts'
import { resultJson, resultText } from './result-table.ts'
import { factsText, newBrokers, targetsOf, writeJson } from './rounds-mode.ts'

/** Fifteen minutes for all of them. */
const CASE_MS_MAX = 75_000

/** `npm run bench -- --gates`: measures what the gates need and judges each. */
export async function gatesMode(options: BenchOptions): Promise<number> {
  const gates = GATES.filter(({ what, of }) => what.includes(options.workload) || of.includes(options.workload))
  if (gates.length === 0) throw new FlagError(`no gate has "${options.workload}" in its name`)
  const brokers = newBrokers()
  const judgements: Judgement[] = []
  const results: unknown[] = []
  try {
    touchMemory()
    const facts = machineFacts(brokers.directory.path)
    console.log(factsText(facts))
    for (const name of new Set(gates.map(({ of }) => of))) {
      const limits = { wanted: options.rounds, msMax: CASE_MS_MAX }
      const measured = await runCase(caseCalled(name), brokers, targetsOf(options), limits)
      console.log(`\n${resultText(measured)}`)
      results.push(resultJson(measured))
      judgements.push(...gates.filter(({ of }) => of === name).map((gate) => judge(gate, measured, targetsOf(options))))
      writeJson(options.json, {
        date: new Date().toISOString(),
        facts,
        loadAfter: loadText(),
        gates: judgements,
        results,
      })
    }
  } finally {
    await brokers.end()
  }
  console.log(`\ngates, load ${loadText()}`)
  for (const judgement of judgements) console.log(judgementText(judgement))
  return exitCodeOf(judgements)
}
