import { ManualClock } from '@odradek/core'
import { TurnEnd } from './turn-end.ts'

test('whoever asks in a turn is called at its end, in one go, and again only when asked for again', () => {
  const deferred: (() => void)[] = []
  const turnEnd = new TurnEnd(new ManualClock(), (run) => deferred.push(run))
  const calls: string[] = []
  const listener = (name: string) => ({ turnEnded: () => void calls.push(name) })
  turnEnd.add(listener('a'))
  turnEnd.add(listener('b'))
  expect([deferred.length, calls]).toEqual([1, []])
  deferred[0]?.()
  expect(calls).toEqual(['a', 'b'])
  turnEnd.add(listener('c'))
  expect(deferred).toHaveLength(2)
  deferred[1]?.()
  expect(calls).toEqual(['a', 'b', 'c'])
})

test('who asks while others are called waits for the next end', () => {
  const deferred: (() => void)[] = []
  const turnEnd = new TurnEnd(new ManualClock(), (run) => deferred.push(run))
  let calls = 0
  const again = { turnEnded: () => void (calls++ === 0 && turnEnd.add(again)) }
  turnEnd.add(again)
  deferred[0]?.()
  expect([calls, deferred.length]).toEqual([1, 2])
  deferred[1]?.()
  expect(calls).toBe(2)
})

test('by default it is over once what the callback has resolved has run', async () => {
  const turnEnd = new TurnEnd(new ManualClock())
  const calls: string[] = []
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      void Promise.resolve().then(() => turnEnd.add({ turnEnded: () => void calls.push('end') }))
      void Promise.resolve().then(() => calls.push('later microtask'))
      setImmediate(resolve)
    })
  })
  expect(calls).toEqual(['later microtask', 'end'])
})
