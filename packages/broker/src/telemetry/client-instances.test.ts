import { ClientInstances } from './client-instances.ts'

const wanted = { pushIntervalMs: 100_000, metrics: [] }
const request = (id: string, connectionId = 1) => ({ id, connectionId, wanted, subscriptionId: 1 })

test('as many as there may be; past that the one heard of least recently goes', () => {
  const instances = new ClientInstances(2)
  const first = instances.get(request('a'), 0)
  instances.get(request('b'), 0)
  expect(instances.get(request('a'), 1)).toBe(first)
  instances.get(request('c'), 2)
  expect(instances.size).toBe(2)
  expect(instances.get(request('a'), 3)).toBe(first)
})

test('three intervals without a word, and it begins anew', () => {
  const instances = new ClientInstances()
  const first = instances.get(request('a'), 0)
  expect(instances.get(request('a'), 299_999)).toBe(first)
  expect(instances.get(request('a'), 599_999)).not.toBe(first)
})

test('what came on a connection goes with it', () => {
  const instances = new ClientInstances()
  const first = instances.get(request('a', 1), 0)
  instances.get(request('b', 2), 0)
  expect(instances.get(request('a', 2), 0)).toBe(first)
  instances.connectionClosed(2)
  expect(instances.get(request('a', 2), 0)).toBe(first)
  instances.connectionClosed(1)
  expect(instances.size).toBe(0)
})
