import { startBroker, type TestBroker } from '@odradek/testing'
import { EXPLANATIONS, type Explanation, explanationOf } from './explained.ts'
import { NOT_BUILT } from './not-built.ts'
import { play } from './play.ts'
import { readRecording } from './recorded.ts'
import type { Bench, Scenario } from './scenario.ts'
import { GROUPS } from './scenarios/index.ts'
import { LOGIN_PROTOCOLS, LOGIN_SETTINGS, loginListeners, SETTINGS } from './settings.ts'
import { type Difference, differences, type Plain } from './transcript.ts'
import type { Ports } from './world.ts'

const used = new Set<Explanation>()

const ANY_PORTS: Ports = { plain: 0, users: 0, sessions: 0 }
const brokers = new Map<Bench, TestBroker>()

beforeAll(async () => {
  const listeners = { listeners: loginListeners(ANY_PORTS), 'listener.security.protocol.map': LOGIN_PROTOCOLS }
  brokers.set('plain', await startBroker({ settings: SETTINGS }))
  brokers.set('logins', await startBroker({ settings: { ...SETTINGS, ...LOGIN_SETTINGS, ...listeners } }))
})

afterAll(async () => {
  for (const broker of brokers.values()) await broker.stop()
})

function portsOf(bench: Bench): Ports {
  const listeners = brokers.get(bench)?.nodes[0]?.listeners ?? []
  const port = (listener: string) => listeners.find(({ name }) => name === listener)?.port ?? 0
  return { plain: port('PLAINTEXT'), users: port('USERS'), sessions: port('SESSIONS') }
}

async function unexplained(scenario: Scenario, expected: Plain): Promise<readonly Difference[]> {
  const answers = await play(scenario, portsOf(scenario.bench))
  return differences(expected, answers).filter((difference) => {
    const explanation = explanationOf(scenario.name, difference)
    if (explanation !== undefined) used.add(explanation)
    return explanation === undefined
  })
}

/** Whether a scenario of an API that is not built shows it. */
async function isDifferent(scenario: Scenario, expected: Plain): Promise<boolean> {
  try {
    return (await unexplained(scenario, expected)).length > 0
  } catch {
    // It could not be played to its end.
    return true
  }
}

for (const [group, scenarios] of Object.entries(GROUPS)) {
  describe(`as Kafka answers: ${group}`, () => {
    const recording = readRecording(group)

    test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
      const expected = recording[name]
      if (expected === undefined) throw new Error('not recorded: npm run reference -- record')
      if (NOT_BUILT.has(scenario.api)) expect(await isDifferent(scenario, expected)).toBe(true)
      else expect(await unexplained(scenario, expected)).toEqual<Difference[]>([])
    })

    it('has no recording without a scenario', () => {
      expect(Object.keys(recording).sort()).toEqual(scenarios.map(({ name }) => name).sort())
    })
  })
}

it('explains no difference that is none any more', () => {
  expect(EXPLANATIONS.filter((explanation) => !used.has(explanation))).toEqual([])
})
