import { resultJson, resultText } from './result-table.ts'
import { GENERATOR_SHARE_MAX, type Measured } from './rounds.ts'
import type { Sample } from './sample.ts'

const sample = (requestsPerSecond: number, generatorShare: number): Sample => ({
  figures: { requestsPerSecond, p50Ms: 1.5 },
  stealShare: 0.011,
  foreignShare: 0.2,
  generatorShare,
})

function measured(generatorShare: number, isMeasurable = true): Measured {
  const accepted = [100, 300, 200].map((value) => new Map([['odradek', sample(value, generatorShare)] as const]))
  return { name: 'a workload', accepted, thrownAway: 2, isMeasurable }
}

test('a workload is its medians with their spreads, and what the machine did beside', () => {
  expect(resultText(measured(0.5)).split('\n')).toEqual([
    'a workload: 3 rounds, 2 thrown away',
    '  odradek  requests/s 200 (100-300); p50 ms 1.500 (1.500-1.500)',
    '           foreign CPU 20 %, steal 1.1 %, generator 50 % of a core',
  ])
})

test('the share that was stolen is there when there was none', () => {
  const accepted = [new Map([['odradek', { ...sample(1, 0.5), stealShare: 0 }] as const])]
  expect(resultText({ ...measured(0.5), accepted })).toContain('steal 0.0 %')
})

test('what the generator limits is marked past the bound and not at it', () => {
  expect(resultText(measured(GENERATOR_SHARE_MAX))).not.toContain('generator-bound')
  expect(resultText(measured(GENERATOR_SHARE_MAX + 0.01))).toContain('generator-bound')
})

test('what could not be measured says so', () => {
  expect(resultText(measured(0.5, false))).toContain('3 rounds, 2 thrown away: not measurable now')
})

test('as JSON every round is there', () => {
  expect(resultJson(measured(0.5))).toMatchObject({
    name: 'a workload',
    rounds: 3,
    thrownAway: 2,
    targets: { odradek: { requestsPerSecond: { median: 200, least: 100, most: 300, values: [100, 300, 200] } } },
  })
})
