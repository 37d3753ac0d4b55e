import { caseCalled } from './cases.ts'
import { type BenchOptions, FlagError } from './flags.ts'
import { exitCodeOf, failed, GATES, type Judgement, judge, judgementText } from './gates.ts'
import { loadText } from './machine.ts'
import { targetsOf, withMachine } from './rounds-mode.ts'

/** Fifteen minutes for all of them. */
const CASE_MS_MAX = 75_000

/** `npm run bench -- --gates`: measures what the gates need and judges each. */
export function gatesMode(options: BenchOptions): Promise<number> {
  const gates = GATES.filter(({ what, of }) => what.includes(options.workload) || of.includes(options.workload))
  if (gates.length === 0) throw new FlagError(`no gate has "${options.workload}" in its name`)
  return withMachine(options, async (measure, write) => {
    const judgements: Judgement[] = []
    for (const name of new Set(gates.map(({ of }) => of))) {
      const measured = await measure(caseCalled(name), CASE_MS_MAX)
      for (const gate of gates.filter(({ of }) => of === name))
        judgements.push(measured === null ? failed(gate) : judge(gate, measured, targetsOf(options)))
      write({ gates: judgements })
    }
    console.log(`\ngates, load ${loadText()}`)
    for (const judgement of judgements) console.log(judgementText(judgement))
    return exitCodeOf(judgements)
  })
}
