import { COUNTED_ELEMENTS_MIN, ELEMENTS_PER_TURN, RequestRoom } from './request-room.ts'

const LIMIT_BYTES = 1000

/** Notes that it was let in, and does what it does then. */
const waiting = (name: string, entered: string[], enters: () => void = () => {}) => ({
  roomMade() {
    entered.push(name)
    enters()
  },
})

test('queued.max.request.bytes: at the limit requests start, one byte past it they wait', () => {
  const room = new RequestRoom(LIMIT_BYTES, () => {})
  room.take(LIMIT_BYTES)
  expect(room.isFull).toBe(false)
  room.take(1)
  expect(room.isFull).toBe(true)
  room.giveBack(1)
  expect(room.isFull).toBe(false)
})

test('who waits starts in order, one in each turn, until there is no room again', () => {
  const planned: (() => void)[] = []
  const room = new RequestRoom(LIMIT_BYTES, (run) => planned.push(run))
  const turn = () => planned.shift()?.()
  const entered: string[] = []
  room.take(LIMIT_BYTES + 1)
  for (const name of ['a', 'b', 'c']) room.wait(waiting(name, entered, () => room.take(name === 'b' ? 1 : 0)))
  turn()
  expect(entered).toEqual([])
  room.giveBack(1)
  turn()
  expect(entered).toEqual(['a'])
  turn()
  turn()
  expect(entered).toEqual(['a', 'b'])
  room.giveBack(1)
  turn()
  expect(entered).toEqual(['a', 'b', 'c'])
})

test('who has had his turn and waits again is behind all others', () => {
  const planned: (() => void)[] = []
  const room = new RequestRoom(LIMIT_BYTES, (run) => planned.push(run))
  const entered: string[] = []
  const greedy = waiting('greedy', entered, () => {
    if (entered.length < 5) room.wait(greedy)
  })
  for (const member of [greedy, waiting('a', entered), waiting('b', entered)]) room.wait(member)
  while (planned.length > 0) planned.shift()?.()
  expect(entered).toEqual(['greedy', 'a', 'b', 'greedy', 'greedy'])
})

test('as many elements are read in a turn as there may be; what is past them waits for the next', () => {
  const planned: (() => void)[] = []
  const room = new RequestRoom(LIMIT_BYTES, (run) => planned.push(run))
  const entered: string[] = []
  room.worked(ELEMENTS_PER_TURN - COUNTED_ELEMENTS_MIN)
  for (let count = 0; count < 10; count++) room.worked(COUNTED_ELEMENTS_MIN - 1)
  expect(room.isClosed).toBe(false)
  room.worked(COUNTED_ELEMENTS_MIN)
  expect([room.isClosed, room.isFull]).toEqual([true, false])
  for (const name of ['a', 'b']) room.wait(waiting(name, entered, () => room.worked(ELEMENTS_PER_TURN)))
  planned.shift()?.()
  expect(entered).toEqual(['a'])
  expect(room.isClosed).toBe(true)
  planned.shift()?.()
  expect(entered).toEqual(['a', 'b'])
  planned.shift()?.()
  expect([room.isClosed, planned]).toEqual([false, []])
})

test('one starts each second whatever the others take, but for those whose connections are gone', () => {
  const room = new RequestRoom(LIMIT_BYTES, () => {})
  const entered: string[] = []
  const gone = waiting('gone', entered)
  room.take(LIMIT_BYTES + 1)
  room.wait(gone)
  room.wait(waiting('a', entered))
  room.wait(waiting('b', entered))
  room.leave(gone)
  room.letOneIn()
  expect(entered).toEqual(['a'])
})

test('while there is no room, who waits for something to happen is answered, the oldest first, and no more than it takes', () => {
  const planned: (() => void)[] = []
  const room = new RequestRoom(LIMIT_BYTES, (run) => planned.push(run))
  const turn = () => planned.shift()?.()
  const ended: string[] = []
  const waits = (name: string) =>
    room.waitWhileThereIsRoom(() => {
      ended.push(name)
      room.giveBack(1)
    })
  const leave = waits('left')
  for (const name of ['a', 'b', 'c']) waits(name)
  leave()
  room.take(LIMIT_BYTES)
  turn()
  expect(ended).toEqual([])
  room.take(2)
  turn()
  expect(ended).toEqual(['a'])
  turn()
  turn()
  expect(ended).toEqual(['a', 'b'])
})
