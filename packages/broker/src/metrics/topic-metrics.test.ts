import { TopicMetrics } from './topic-metrics.ts'

test('topics up to the limit have counters of their own, further ones share one', () => {
  const metrics = new TopicMetrics(() => 2)
  for (const name of ['a', 'b', 'c', 'd', 'a', 'c']) metrics.of(name).messagesIn++
  expect(Array.from(metrics.entries(), ([name, { messagesIn }]) => [name, messagesIn])).toEqual([
    ['a', 2],
    ['b', 1],
  ])
  expect(metrics.others.messagesIn).toBe(3)
  expect(metrics.othersCount).toBe(2)
  expect(metrics.total().messagesIn).toBe(6)
})

test('a topic that is gone makes room, and stays in the total', () => {
  const metrics = new TopicMetrics(() => 1)
  metrics.of('a').bytesIn += 10
  metrics.of('b').bytesIn += 5
  metrics.forget('a')
  metrics.forget('b')
  expect(metrics.othersCount).toBe(0)
  metrics.of('c').bytesIn += 1
  expect(Array.from(metrics.entries(), ([name]) => name)).toEqual(['c'])
  expect(metrics.total().bytesIn).toBe(16)
})

test('asking for topics that do not exist makes no counters', () => {
  const metrics = new TopicMetrics(() => 10)
  for (let index = 0; index < 100; index++) metrics.existing(`made-up-${index}`).failedFetchRequests++
  expect([...metrics.entries()]).toEqual([])
  expect(metrics.total().failedFetchRequests).toBe(100)
})
