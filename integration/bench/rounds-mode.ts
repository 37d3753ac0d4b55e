import { writeFileSync } from 'node:fs'
import { Brokers } from './brokers.ts'
import { type Case, runCase } from './case.ts'
import { CASES, casesWith } from './cases.ts'
import type { BenchOptions } from './flags.ts'
import { loadText, type MachineFacts, machineFacts, touchMemory } from './machine.ts'
import { resultJson, resultText } from './result-table.ts'
import { TARGETS, type TargetName } from './target.ts'
import { warmUp } from './warm-up.ts'

/** A JVM compiles for longer than Node does. */
const WARM_UPS = { odradek: 8000, kafka: 32_000 } as const
/** One workload does not take the whole run, however restless the machine is. */
const CASE_MS_MAX = 120_000

export function newBrokers(): Brokers {
  return new Brokers({
    odradek: (broker) => warmUp(broker, WARM_UPS.odradek),
    kafka: (broker) => warmUp(broker, WARM_UPS.kafka),
  })
}

export const targetsOf = ({ withKafka }: BenchOptions): readonly TargetName[] =>
  TARGETS.filter((target) => withKafka || target !== 'kafka')

export function factsText(facts: MachineFacts): string {
  const { processors, model, memoryGb, kernel, node, fileSystem, compiler, load } = facts
  return `${processors} x ${model}, ${memoryGb} GB, Linux ${kernel}, Node ${node}, ${fileSystem}, ${compiler}, load ${load}`
}

export function writeJson(path: string | null, result: unknown): void {
  if (path !== null) writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`)
}

/** `npm run bench`: all workloads, each in rounds over all targets. */
export const roundsMode = (options: BenchOptions): Promise<number> => measureCases(CASES, options)

/** Those of the cases that are asked for, each in rounds; prints and writes what they come to. */
export async function measureCases(all: readonly Case[], options: BenchOptions): Promise<number> {
  const cases = casesWith(options.workload, all)
  const brokers = newBrokers()
  try {
    touchMemory()
    const facts = machineFacts(brokers.directory.path)
    console.log(factsText(facts))
    const results: unknown[] = []
    for (const one of cases) {
      const limits = { wanted: options.rounds, msMax: CASE_MS_MAX }
      const measured = await runCase(one, brokers, targetsOf(options), limits)
      console.log(`\n${resultText(measured)}`)
      results.push(resultJson(measured))
      writeJson(options.json, { date: new Date().toISOString(), facts, loadAfter: loadText(), results })
    }
    return 0
  } finally {
    await brokers.end()
  }
}
