import { FixedHistogram, SIZE_BOUNDS_BYTES, TIME_BOUNDS_MS } from './fixed-histogram.ts'

test('a value belongs to the lowest bound that it does not exceed', () => {
  const histogram = new FixedHistogram([1, 10, 100])
  for (const value of [0, 1, 1.01, 10, 100, 100.5, 1e9]) histogram.record(value)
  expect([...histogram.counts]).toEqual([2, 2, 1, 2])
  expect(histogram.count).toBe(7)
  expect(histogram.sum).toBeCloseTo(0 + 1 + 1.01 + 10 + 100 + 100.5 + 1e9)
})

test.each([[TIME_BOUNDS_MS], [SIZE_BOUNDS_BYTES]])('the bounds in use rise', (bounds) => {
  const histogram = new FixedHistogram(bounds)
  for (const bound of bounds) histogram.record(bound)
  expect([...histogram.counts]).toEqual([...bounds.map(() => 1), 0])
})
