import { writeFileSync } from 'node:fs'
import { Brokers } from './brokers.ts'
import { type Case, runCase } from './case.ts'
import { CASES, casesWith } from './cases.ts'
import type { BenchOptions } from './flags.ts'
import { factsText, loadText, machineFacts, touchMemory } from './machine.ts'
import { checkPrerequisites } from './prerequisites.ts'
import { resultJson, resultText } from './result-table.ts'
import type { Measured } from './rounds.ts'
import { TARGETS, type TargetName } from './target.ts'
import { warmUp } from './warm-up.ts'

/** A JVM compiles for longer than Node does. */
const WARM_UPS = { odradek: { ms: 8000, cpuMs: 4000 }, kafka: { ms: 32_000, cpuMs: 25_000 } } as const
/** One workload does not take the whole run, however restless the machine is. */
const CASE_MS_MAX = 120_000

function newBrokers(): Brokers {
  return new Brokers({
    odradek: (broker) => warmUp(broker, WARM_UPS.odradek),
    kafka: (broker) => warmUp(broker, WARM_UPS.kafka),
  })
}

export const targetsOf = ({ withKafka }: BenchOptions): readonly TargetName[] =>
  TARGETS.filter((target) => withKafka || target !== 'kafka')

/** `npm run bench`: all workloads, each in rounds over all targets. */
export const roundsMode = (options: BenchOptions): Promise<number> => measureCases(CASES, options)

/** Those of the cases that are asked for, each in rounds; prints and writes what they come to. */
export async function measureCases(all: readonly Case[], options: BenchOptions): Promise<number> {
  const cases = casesWith(options.workload, all)
  return withMachine(options, async (measure) => {
    let code = 0
    for (const one of cases) if ((await measure(one, CASE_MS_MAX)) === null) code = 1
    return code
  })
}

/** Null when it went wrong, which has been said then. */
export type Measure = (one: Case, msMax: number) => Promise<Measured | null>

/** Starts what is needed, hands out how to measure, and ends it all. What was measured so far is always in the file. */
export async function withMachine(
  options: BenchOptions,
  use: (measure: Measure, write: (more: Readonly<Record<string, unknown>>) => void) => Promise<number>,
): Promise<number> {
  checkPrerequisites(options)
  const brokers = newBrokers()
  const results: unknown[] = []
  try {
    touchMemory()
    const facts = machineFacts(brokers.directory.path)
    console.log(factsText(facts))
    const write = (more: Readonly<Record<string, unknown>>): void => {
      const result = { date: new Date().toISOString(), facts, loadAfter: loadText(), results, ...more }
      if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
    }
    const measure: Measure = async (one, msMax) => {
      try {
        const limits = { wanted: options.rounds, msMax }
        const measured = await runCase(one, brokers, targetsOf(options), limits)
        console.log(`\n${resultText(measured)}`)
        results.push(resultJson(measured))
        write({})
        return measured
      } catch (error) {
        console.error(error)
        results.push({ name: one.name, error: String(error) })
        write({})
        return null
      }
    }
    return await use(measure, write)
  } finally {
    await brokers.end()
  }
}
