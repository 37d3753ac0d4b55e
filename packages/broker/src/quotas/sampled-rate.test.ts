import { SeededPrng } from '@odradek/core'
import { SampledRate } from './sampled-rate.ts'

const WINDOW = { samples: 11, sampleMs: 1000 }

test('the first moments count as a window that is one sample short', () => {
  const rate = new SampledRate(WINDOW)
  rate.record(5_000_000, 0)
  expect(rate.measure(0)).toBe(500_000)
  expect(rate.measure(999)).toBeCloseTo(5_000_000 / 10.999)
  expect(rate.measure(5000)).toBe(500_000)
})

test('the throttle time is how long the rate needs to come down to the limit', () => {
  const rate = new SampledRate(WINDOW)
  rate.record(15_000_000, 0)
  expect(rate.throttleMs(1_000_000, 0)).toBe(5000)
  expect(rate.throttleMs(1_500_000, 0)).toBe(0)
  expect(rate.throttleMs(1_499_999, 0)).toBeGreaterThanOrEqual(0)
})

test('what is older than the window is forgotten', () => {
  const rate = new SampledRate(WINDOW)
  rate.record(1000, 0)
  expect(rate.measure(10_999)).toBeGreaterThan(0)
  expect(rate.measure(11_000)).toBe(0)
})

test('a sample that began before the window counts whole as long as something in it does', () => {
  const rate = new SampledRate(WINDOW)
  rate.record(100, 0)
  rate.record(100, 900)
  expect(rate.measure(11_500)).toBeCloseTo(200 / 11.5)
  expect(rate.measure(11_900)).toBe(0)
})

test('a window of one sample is never of no length', () => {
  const rate = new SampledRate({ samples: 1, sampleMs: 1000 })
  rate.record(2, 0)
  expect(rate.measure(0)).toBe(2000)
  expect(rate.measure(500)).toBe(4)
})

test('whatever comes, the rate is that of what was recorded in about the window', () => {
  const seed = 20_261_201
  const prng = new SeededPrng(seed)
  const rate = new SampledRate(WINDOW)
  const events: { readonly atMs: number; readonly value: number }[] = []
  let nowMs = 0
  for (let step = 0; step < 20_000; step++) {
    nowMs += prng.below(prng.below(50) === 0 ? 5000 : 60)
    const value = prng.below(1000)
    rate.record(value, nowMs)
    events.push({ atMs: nowMs, value })
    const sumSince = (ageMs: number) =>
      events.slice(-2000).reduce((sum, event) => sum + (nowMs - event.atMs < ageMs ? event.value : 0), 0)
    if (step % 100 !== 0) continue
    const measured = rate.measure(nowMs)
    // Of the oldest sample all or nothing counts, over a length that is right to a sample.
    const seeded = `seed ${seed}, step ${step}`
    expect([seeded, measured >= sumSince(10_000) / 12.1]).toEqual([seeded, true])
    expect([seeded, measured <= sumSince(12_001) / 9.9]).toEqual([seeded, true])
  }
})
