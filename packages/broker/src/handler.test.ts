import { Heartbeat, Metadata } from '@odradek/protocol'
import { handler } from './handler.ts'
import { registry } from './registry.ts'

const heartbeat = handler(Heartbeat, [0, 4], () => ({ throttleTimeMs: 0, errorCode: 0 }))

test('a range outside what the codec knows is refused', () => {
  expect(() => handler(Heartbeat, [0, 5], () => null)).toThrow('Heartbeat has no codec for 0-5')
  expect(() => handler(Heartbeat, [3, 2], () => null)).toThrow('Heartbeat has no codec for 3-2')
})

test('two handlers for one key are refused', () => {
  expect(() => registry([heartbeat, heartbeat])).toThrow('two handlers for Heartbeat')
})

test('what is served is listed by key with the ranges of the table', () => {
  const metadata = handler(Metadata, [1, 9], () => null)
  expect(registry([heartbeat, metadata]).served).toEqual([
    { apiKey: 3, minVersion: 1, maxVersion: 9 },
    { apiKey: 12, minVersion: 0, maxVersion: 4 },
  ])
})
