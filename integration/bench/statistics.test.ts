import { median, spreadOf } from './statistics.ts'

test('the median does not depend on the order, nor on one wild value', () => {
  expect(median([3, 1, 1000])).toBe(3)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(median([10, 9])).toBe(9.5)
  expect(median([])).toBeNaN()
})

test('the spread is from the least to the most', () => {
  expect(spreadOf([5, 2, 9])).toEqual({ median: 5, least: 2, most: 9 })
})
