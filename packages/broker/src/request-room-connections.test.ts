import { ManualClock } from '@odradek/core'
import { Heartbeat, Produce } from '@odradek/protocol'
import {
  beat,
  correlationIds,
  pending,
  produced,
  seen,
  settings,
  start,
  stopAll,
  turns,
  until,
} from './connection-fixture.ts'
import { requestFrame } from './harness.ts'
import { ELEMENT_BYTES, SMALL_REQUEST_BYTES } from './request-room.ts'

afterEach(stopAll)

/** Of so many bytes, its header included. */
function beatOf(bytes: number, name: string, correlationId: number): Buffer {
  const sized = (memberId: string) =>
    requestFrame(Heartbeat, 0, { groupId: name, generationId: 0, memberId }, null, correlationId)
  return sized('m'.repeat(bytes - sized('').length))
}

test('queued.max.request.bytes: past it only small requests start, and others as room is made', async () => {
  const { connections, connect } = await start({ settings: { ...settings, queuedRequestBytesMax: 5000 } })
  const [first, second, third, small] = [await connect(), await connect(), await connect(), await connect()]
  first.send(beatOf(5000, 'park', 1))
  await until(() => seen.length === 1)
  second.send(beatOf(5000, 'park', 2))
  await until(() => seen.length === 2)
  // Both together are past it.
  third.send(beatOf(SMALL_REQUEST_BYTES + 1, 'late', 3))
  small.send(beatOf(SMALL_REQUEST_BYTES, 'small', 4))
  expect(correlationIds(await small.take(1))).toEqual([4])
  await turns(20)
  expect(seen).toEqual(['park', 'park', 'small'])
  pending.shift()?.answer()
  expect(correlationIds(await third.take(1))).toEqual([3])
  pending.shift()?.answer()
  expect(correlationIds(await second.take(1))).toEqual([2])
  await until(() => connections.heldBytes === 0)
})

test('rows that were read of a request count beside its bytes', async () => {
  const rows = 50
  const topicData = Array.from({ length: rows }, () => ({ name: 't', partitionData: [] }))
  const heavy = requestFrame(Produce, 3, { transactionalId: 'heavy', acks: -1, timeoutMs: 0, topicData }, null, 1)
  const weightBytes = heavy.length + rows * ELEMENT_BYTES
  for (const [queuedRequestBytesMax, begun] of [
    [weightBytes, 2],
    [weightBytes - 1, 1],
  ] as const) {
    const { connect } = await start({ settings: { ...settings, queuedRequestBytesMax } })
    const [first, second] = [await connect(), await connect()]
    first.send(heavy)
    await until(() => seen.length === 1)
    second.send(beatOf(SMALL_REQUEST_BYTES + 1, 'next', 2))
    await until(() => seen.length === begun)
    await turns(20)
    expect(seen).toHaveLength(begun)
    pending.shift()?.answer()
    expect(correlationIds(await second.take(1))).toEqual([2])
    seen.length = 0
  }
})

test('of several that wait on a connection one alone starts, not all that have come', async () => {
  const clock = new ManualClock()
  const { connect } = await start({ clock, settings: { ...settings, queuedRequestBytesMax: 1 } })
  const [first, second] = [await connect(), await connect()]
  first.send(beat('park', 1))
  await until(() => seen.length === 1)
  const name = 'p'.repeat(2 * SMALL_REQUEST_BYTES)
  second.send(...[1, 2, 3].map((id) => produced(name, -1, id)))
  await turns(20)
  for (const begun of [2, 3]) {
    clock.advance(1000)
    await until(() => seen.length >= begun)
    await turns(20)
    expect(seen.length).toBe(begun)
  }
})

test('one request a second starts whatever the others take', async () => {
  const clock = new ManualClock()
  const { connect } = await start({ clock, settings: { ...settings, queuedRequestBytesMax: 1 } })
  const [first, second, third] = [await connect(), await connect(), await connect()]
  first.send(beat('park', 1))
  await until(() => seen.length === 1)
  second.send(beatOf(2000, 'park', 2))
  third.send(beatOf(2000, 'park', 3))
  await turns(20)
  clock.tick()
  expect(seen).toHaveLength(1)
  clock.advance(1000)
  await until(() => seen.length === 2)
  await turns(20)
  expect(seen).toHaveLength(2)
  clock.advance(1000)
  await until(() => seen.length === 3)
})
