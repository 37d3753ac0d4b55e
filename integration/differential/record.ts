import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeReport } from '../clients/report-file.ts'
import { freePorts } from '../harness/free-ports.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { play } from './play.ts'
import { readRecording, writeRecording } from './recorded.ts'
import type { Bench, Reference, Scenario } from './scenario.ts'
import { GROUPS } from './scenarios/index.ts'
import { LOGIN_PROTOCOLS, LOGIN_SETTINGS, loginListeners } from './settings.ts'
import { differences, type Plain } from './transcript.ts'
import type { Ports } from './world.ts'

const SHOWN_MAX = 40
const REFERENCES: readonly Reference[] = ['kafka-4.4', 'kafka-3.9']
const BENCHES: readonly Bench[] = ['plain', 'logins']
/** Plain, controller, users, sessions. */
const PORTS = 4

function kafkaOn(ports: Ports, reference: Reference, bench: Bench, directory: string): KafkaProcess {
  const { plain } = ports
  const clients = loginListeners(ports)
  const settings = {
    ...LOGIN_SETTINGS,
    listeners: `${clients},CONTROLLER://127.0.0.1:${plain + 1}`,
    'advertised.listeners': clients,
    'listener.security.protocol.map': `${LOGIN_PROTOCOLS},CONTROLLER:PLAINTEXT`,
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  const added = bench === 'logins' ? lines.join('\n') : ''
  return new KafkaProcess(reference, directory, join(directory, 'data'), added, plain)
}

/** Plays the scenarios of one release and bench against it. @returns how many could not be played */
async function recordFrom(
  reference: Reference,
  bench: Bench,
  wanted: ReadonlyMap<string, readonly Scenario[]>,
  recordings: Map<string, Record<string, Plain>>,
): Promise<number> {
  const own = [...wanted].map(
    ([group, all]) => [group, all.filter((each) => each.reference === reference && each.bench === bench)] as const,
  )
  if (own.every(([, scenarios]) => scenarios.length === 0)) return 0
  const directory = mkdtempSync(join(tmpdir(), 'odradek-reference-'))
  const plain = await freePorts(PORTS)
  const ports = { plain, users: plain + 2, sessions: plain + 3 }
  const kafka = kafkaOn(ports, reference, bench, directory)
  let failed = 0
  try {
    await kafka.start()
    for (const [group, scenarios] of own)
      for (const scenario of scenarios) {
        try {
          const recording = recordings.get(group) ?? {}
          recordings.set(group, recording)
          recording[scenario.name] = [...(await play(scenario, ports))]
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

/** Renews what was recorded of the scenarios with one of `parts` in their names (all, without any), and says what changed. @returns how many could not be played */
export async function record(parts: readonly string[]): Promise<number> {
  const isWanted = ({ name }: Scenario) => parts.length === 0 || parts.some((part) => name.includes(part))
  const wanted = new Map(Object.entries(GROUPS).map(([group, all]) => [group, all.filter(isWanted)] as const))
  const recordings = new Map<string, Record<string, Plain>>()
  let failed = 0
  for (const reference of REFERENCES)
    for (const bench of BENCHES) failed += await recordFrom(reference, bench, wanted, recordings)
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
  writeReport(new Map())
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
