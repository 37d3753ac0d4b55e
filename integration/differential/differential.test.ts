import { startBroker, type TestBroker } from '@odradek/testing'
import { EXPLANATIONS, type Explanation, explanationOf } from './explained.ts'
import { NOT_BUILT } from './not-built.ts'
import { play } from './play.ts'
import { readRecording } from './recorded.ts'
import type { Scenario } from './scenario.ts'
import { GROUPS } from './scenarios/index.ts'
import { SETTINGS } from './settings.ts'
import { type Difference, differences, type Plain } from './transcript.ts'

let broker: TestBroker
const used = new Set<Explanation>()

beforeAll(async () => {
  broker = await startBroker({ settings: SETTINGS })
})

afterAll(() => broker.stop())

async function unexplained(scenario: Scenario, expected: Plain): Promise<readonly Difference[]> {
  const answers = await play(scenario, Number(broker.bootstrap[0]?.split(':').at(-1)))
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
