import { COUNTED_BYTES_MIN, FetchTurns, READ_BYTES_PER_TURN } from './fetch-turns.ts'

let soon: (() => void)[]
let turns: FetchTurns

beforeEach(() => {
  soon = []
  turns = new FetchTurns({ soon: (run) => soon.push(run) })
})

function nextTurn(): void {
  for (const run of soon.splice(0)) run()
}

test('a turn is over at its last byte, and the next begins anew', () => {
  turns.note(READ_BYTES_PER_TURN - COUNTED_BYTES_MIN)
  expect(turns.isOver).toBe(false)
  turns.note(COUNTED_BYTES_MIN)
  expect(turns.isOver).toBe(true)
  nextTurn()
  expect(turns.isOver).toBe(false)
})

test('what is small does not count, however often', () => {
  for (let count = 0; count < 100; count++) turns.note(COUNTED_BYTES_MIN - 1)
  expect(turns.isOver).toBe(false)
})

test('who waits reads in the order of asking, as many in a turn as it has room for', async () => {
  const read: string[] = []
  const large = (name: string) =>
    turns.wait(() => {
      read.push(name)
      turns.note(READ_BYTES_PER_TURN)
      return name
    })
  const small = (name: string) =>
    turns.wait(() => {
      read.push(name)
      return name
    })
  turns.note(READ_BYTES_PER_TURN)
  const all = [small('a'), large('b'), small('c'), large('d')]
  expect(read).toEqual([])
  nextTurn()
  expect(read).toEqual(['a', 'b'])
  nextTurn()
  expect(read).toEqual(['a', 'b', 'c', 'd'])
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
})

test('who fails keeps nobody waiting', async () => {
  const failed = turns.wait(() => {
    throw new Error('no')
  })
  const next = turns.wait(() => 'read')
  nextTurn()
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe('read')
})
