import { eachOnce, mapInTurns, nextTurn, ROWS_PER_TURN } from './in-turns.ts'

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

test('each of those who wait has a turn of his own, in the order of asking', async () => {
  const soon: (() => void)[] = []
  const clock = { soon: (run: () => void) => soon.push(run) }
  const seen: string[] = []
  const work = async (name: string) => {
    for (let step = 0; step < 2; step++) {
      await nextTurn(clock)
      seen.push(`${name}${step}`)
    }
  }
  const all = ['a', 'b', 'c'].map(work)
  const perTurn: string[] = []
  for (let turn = 0; turn < 6; turn++) {
    for (const run of soon.splice(0)) run()
    await new Promise((resolve) => setImmediate(resolve))
    perTurn.push(seen.splice(0).join())
  }
  expect(perTurn).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'c1'])
  await Promise.all(all)
  expect(soon).toEqual([])
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
