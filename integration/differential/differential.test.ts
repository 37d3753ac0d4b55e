import { startBroker, type TestBroker } from '@odradek/testing'
import { EXPLANATIONS, type Explanation, explanationOf } from './explained.ts'
import { play } from './play.ts'
import { readRecording } from './recorded.ts'
import { GROUPS } from './scenarios/index.ts'
import { SETTINGS } from './settings.ts'
import { type Difference, differences } from './transcript.ts'

let broker: TestBroker
const used = new Set<Explanation>()

beforeAll(async () => {
  broker = await startBroker({ settings: SETTINGS })
})

afterAll(() => broker.stop())

for (const [group, scenarios] of Object.entries(GROUPS)) {
  describe(`as Kafka answers: ${group}`, () => {
    const recording = readRecording(group)

    test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
      const expected = recording[name]
      if (expected === undefined) throw new Error('not recorded: npm run reference -- record')
      const found = differences(expected, await play(scenario, Number(broker.bootstrap[0]?.split(':').at(-1))))
      const unexplained = found.filter((difference) => {
        const explanation = explanationOf(name, difference)
        if (explanation !== undefined) used.add(explanation)
        return explanation === undefined
      })
      expect(unexplained).toEqual<Difference[]>([])
    })

    it('has no recording without a scenario', () => {
      expect(Object.keys(recording).sort()).toEqual(scenarios.map(({ name }) => name).sort())
    })
  })
}

it('explains no difference that is none any more', () => {
  expect(EXPLANATIONS.filter((explanation) => !used.has(explanation))).toEqual([])
})
