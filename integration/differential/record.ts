import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { play } from './play.ts'
import { readRecording, writeRecording } from './recorded.ts'
import type { Reference, Scenario } from './scenario.ts'
import { GROUPS } from './scenarios/index.ts'
import { differences, type Plain } from './transcript.ts'

const SHOWN_MAX = 40
const REFERENCES: readonly Reference[] = ['kafka-4.4', 'kafka-3.9']

/** Plays the scenarios of one release against it. @returns how many could not be played */
async function recordFrom(
  reference: Reference,
  wanted: ReadonlyMap<string, readonly Scenario[]>,
  recordings: Map<string, Record<string, Plain>>,
): Promise<number> {
  const own = [...wanted].map(([group, all]) => [group, all.filter((each) => each.reference === reference)] as const)
  if (own.every(([, scenarios]) => scenarios.length === 0)) return 0
  const directory = mkdtempSync(join(tmpdir(), 'odradek-reference-'))
  const kafka = new KafkaProcess(reference, directory)
  let failed = 0
  try {
    await kafka.start()
    const port = Number(kafka.bootstrap.split(':').at(-1))
    for (const [group, scenarios] of own)
      for (const scenario of scenarios) {
        try {
          const recording = recordings.get(group) ?? {}
          recordings.set(group, recording)
          recording[scenario.name] = [...(await play(scenario, port))]
        } catch (error) {
          failed += 1
          console.error(`FAIL ${error instanceof Error ? error.message : String(error)}`)
        }
      }
  } finally {
    await kafka.kill()
    rmSync(directory, { recursive: true, force: true })
  }
  return failed
}

/** Renews what was recorded of the scenarios with `part` in their names, and says what changed. @returns how many could not be played */
export async function record(part: string): Promise<number> {
  const wanted = new Map(
    Object.entries(GROUPS).map(([group, all]) => [group, all.filter(({ name }) => name.includes(part))] as const),
  )
  const recordings = new Map<string, Record<string, Plain>>()
  let failed = 0
  for (const reference of REFERENCES) failed += await recordFrom(reference, wanted, recordings)
  for (const [group, scenarios] of Object.entries(GROUPS)) {
    const before = readRecording(group)
    const fresh = recordings.get(group) ?? {}
    const kept = scenarios.flatMap(({ name }) => {
      const answers = fresh[name] ?? before[name]
      return answers === undefined ? [] : [[name, answers] as const]
    })
    for (const [name, answers] of Object.entries(fresh)) sayChanges(name, before[name], answers)
    writeRecording(group, Object.fromEntries(kept))
  }
  console.log(`${Object.values(GROUPS).flat().length} scenarios; ${failed} could not be played`)
  return failed
}

function sayChanges(name: string, before: Plain | undefined, answers: Plain): void {
  if (before === undefined) {
    console.log(`new   ${name}`)
    return
  }
  const changes = differences(before, answers)
  if (changes.length > 0) console.log(`other ${name}`)
  for (const { path, expected, got } of changes.slice(0, SHOWN_MAX))
    console.log(`      ${path}: ${JSON.stringify(expected)} became ${JSON.stringify(got)}`)
}
