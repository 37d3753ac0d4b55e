import { orderOf } from './case.ts'
import { TARGETS } from './target.ts'

test('every round has every target once', () => {
  for (let round = 0; round < 6; round++) expect([...orderOf(TARGETS, round)].sort()).toEqual([...TARGETS].sort())
})

test('within six rounds each target follows each other one equally often', () => {
  const pairs = new Map<string, number>()
  for (let round = 0; round < 6; round++) {
    const order = orderOf(TARGETS, round)
    for (const [index, target] of order.slice(1).entries()) {
      const pair = `${order[index]} ${target}`
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
    }
  }
  expect([...pairs.values()]).toEqual([2, 2, 2, 2, 2, 2])
})
