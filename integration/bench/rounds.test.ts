import { ROUNDS_MAX } from './flags.ts'
import { type Measured, type Round, ratiosOf, repeatRounds, STEAL_MAX, valuesOf } from './rounds.ts'
import type { Sample } from './sample.ts'

const sample = (requestsPerSecond: number, stealShare = 0): Sample => ({
  figures: { requestsPerSecond },
  stealShare,
  foreignShare: 0,
  generatorShare: 0.5,
})
const round = (ours: Sample, theirs = sample(100)): Round =>
  new Map([
    ['odradek', ours],
    ['limit', theirs],
  ])
const HOUR = { wanted: 5, msMax: 3_600_000 }

test('rounds end when enough were accepted', async () => {
  const measured = await repeatRounds('w', HOUR, async (number) => round(sample(number)))
  expect(valuesOf(measured, 'odradek', 'requestsPerSecond')).toEqual([0, 1, 2, 3, 4])
  expect(measured).toMatchObject({ thrownAway: 0, isMeasurable: true })
})

test('a round counts at the most that may be stolen and not past it, whoever of its targets it was stolen from', async () => {
  const rounds = [
    round(sample(1, STEAL_MAX)),
    round(sample(2, STEAL_MAX + 0.001)),
    round(sample(3), sample(100, STEAL_MAX + 0.001)),
    round(sample(4)),
  ]
  const measured = await repeatRounds('w', { ...HOUR, wanted: 2 }, async (number) => rounds[number] ?? round(sample(0)))
  expect(valuesOf(measured, 'odradek', 'requestsPerSecond')).toEqual([1, 4])
  expect(measured.thrownAway).toBe(2)
})

test('after the most rounds that there may be it is not measurable now', async () => {
  const measured = await repeatRounds('w', HOUR, async (number) => round(sample(1, number < 2 ? 0 : 1)))
  expect(measured).toMatchObject({ thrownAway: ROUNDS_MAX - 2, isMeasurable: false })
  expect(measured.accepted).toHaveLength(2)
})

test('time that is up ends it too, with what there is', async () => {
  let nowMs = 0
  const measured = await repeatRounds(
    'w',
    { wanted: 5, msMax: 30 },
    async () => {
      nowMs += 10
      return round(sample(1))
    },
    () => nowMs,
  )
  expect(measured.accepted).toHaveLength(3)
  expect(measured.isMeasurable).toBe(true)
})

test('an error ends it: it is no round', async () => {
  const failing = repeatRounds('w', HOUR, async () => {
    throw new Error('a request was answered with error code 7')
  })
  await expect(failing).rejects.toThrow('error code 7')
})

test('ratios are of figures of the same round', () => {
  const accepted = [round(sample(50), sample(100)), round(sample(10), sample(40))]
  const measured: Measured = { name: 'w', accepted, thrownAway: 0, isMeasurable: true }
  expect(ratiosOf(measured, 'requestsPerSecond', 'limit')).toEqual([0.5, 0.25])
  expect(ratiosOf(measured, 'requestsPerSecond', 'kafka')).toEqual([])
})
