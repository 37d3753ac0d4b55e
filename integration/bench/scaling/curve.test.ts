import { judge, type Point } from './curve.ts'

const points = (costOf: (size: number) => number, sizes = [1, 10, 100, 1000, 10_000]): Point[] =>
  sizes.map((size) => ({ size, cpuUs: costOf(size) }))

test.each<[string, (size: number) => number]>([
  ['constant', () => 20],
  ['falling', (size) => 20 + 30 / size],
  ['log n', (size) => 25 + 20 * Math.log2(size)],
  ['one with a step', (size) => (size > 1000 ? 45 : 20)],
  ['noisy', (size) => 20 + (Math.log10(size) % 2) * 15],
])('%s cost of one holds', (_, costOf) => {
  expect(judge(points(costOf))).toMatchObject({ holds: true, why: null })
})

test.each<[string, (size: number) => number, RegExp]>([
  ['n', (size) => 20 * size, /10000.0 times the cost at 10000; log n allows 14.3/],
  ['the root of n', (size) => 20 * Math.sqrt(size), /100.0 times the cost/],
  ['a constant and a little of n', (size) => 50 + size / 50, /3.6 times the cost within ten times the size/],
])('%s does not', (_, costOf, why) => {
  const verdict = judge(points(costOf))
  expect(verdict.holds).toBe(false)
  expect(verdict.why).toMatch(why)
})

test('the exponent is the slope', () => {
  expect(judge(points((size) => 3 * size ** 0.7)).exponent).toBeCloseTo(0.7)
  expect(judge(points(() => 3)).exponent).toBeCloseTo(0)
})
