import { eachOnce, mapInTurns, ROWS_PER_TURN } from './in-turns.ts'

/** Counts the turns that were waited for. */
function countingClock() {
  const clock = {
    turns: 0,
    soon(run: () => void) {
      clock.turns++
      queueMicrotask(run)
    },
  }
  return clock
}

test.each([
  [0, 0],
  [ROWS_PER_TURN, 0],
  [ROWS_PER_TURN + 1, 1],
  [3 * ROWS_PER_TURN, 2],
])('%i rows give way to others %i times, and come in order', async (count, turns) => {
  const clock = countingClock()
  const items = Array.from({ length: count }, (_, index) => index)
  expect(await mapInTurns(clock, items, (item) => (item % 2 === 0 ? item : Promise.resolve(item)))).toEqual(items)
  expect(clock.turns).toBe(turns)
})

test('what is named again is not looked for again', () => {
  const asked: string[] = []
  const find = eachOnce((name: string) => {
    asked.push(name)
    return { name }
  })
  const rows = ['a', 'b', 'a'].map(find)
  expect(rows).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'a' }])
  expect(rows[0]).toBe(rows[2])
  expect(asked).toEqual(['a', 'b'])
})
