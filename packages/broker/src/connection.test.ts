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
import { withSizes } from './raw-socket-client.ts'

afterEach(stopAll)

/** Of what is much to do, on a machine that has much to do besides. */
const LONG_TEST_MS_MAX = 120_000

describe.each([
  ['into our own buffers', true, 100_000],
  ['by data events', false, 10_000],
])('reading %s', (_, ownReceiveBuffers, count) => {
  test('a request split at every byte is answered', async () => {
    const { connect } = await start({ ownReceiveBuffers })
    const client = await connect()
    const bytes = withSizes([beat('a', 1), beat('b', 2)])
    for (let cut = 1; cut < bytes.length; cut += 3) {
      client.socket.write(bytes.subarray(0, cut))
      await until(() => client.socket.writableLength === 0)
      await turns(2)
      client.socket.write(bytes.subarray(cut))
      expect(correlationIds(await client.take(2))).toEqual([1, 2])
    }
  })

  test(
    `${count} pipelined requests are answered in order, with little of them in memory`,
    async () => {
      const { connections, connect } = await start({ ownReceiveBuffers })
      const client = await connect()
      const frames = Array.from({ length: count }, (_, index) => beat('g', index))
      client.send(...frames)
      let mostHeld = 0
      const watching = setInterval(() => {
        mostHeld = Math.max(mostHeld, connections.heldBytes)
      }, 1)
      const answers = correlationIds(await client.take(count))
      clearInterval(watching)
      expect(answers.every((id, index) => id === index)).toBe(true)
      expect(mostHeld).toBeLessThan(1_000_000)
    },
    LONG_TEST_MS_MAX,
  )

  test('requests behind one that waits are not begun, nor read without bound', async () => {
    const { connections, connect } = await start({ ownReceiveBuffers })
    const client = await connect()
    client.send(beat('park', 1))
    await until(() => pending.length === 1)
    for (let index = 0; index < 4; index++) {
      client.send(...Array.from({ length: 5000 }, (_, number) => beat('g', 2 + index * 5000 + number)))
    }
    await turns(200)
    expect(seen).toEqual(['park'])
    expect(connections.heldBytes).toBeLessThan(200_000)
    pending[0]!.answer()
    const ids = correlationIds(await client.take(20_001))
    expect(ids.every((id, index) => id === index + 1)).toBe(true)
    expect(connections.heldBytes).toBe(0)
  })

  test('a large request comes whole, at the limit of size (socket.request.max.bytes)', async () => {
    const { connect } = await start({ ownReceiveBuffers })
    const client = await connect()
    const frame = Buffer.alloc(settings.socketRequestMaxBytes)
    beat('a', 5).copy(frame)
    client.send(frame, beat('b', 6))
    expect(correlationIds(await client.take(2))).toEqual([5, 6])
  })
})

test('Produce requests are begun together and answered in order', async () => {
  const { connect } = await start()
  const client = await connect()
  client.send(
    produced('p1', -1, 1),
    produced('p2', -1, 2),
    produced('p3', 1, 3),
    beat('after', 4),
    produced('p5', 1, 5),
  )
  await until(() => seen.length === 3)
  expect(seen).toEqual(['p1', 'p2', 'p3'])
  pending[1]!.answer()
  await turns(10)
  expect(client.received).toBe(0)
  pending[0]!.answer()
  expect(correlationIds(await client.take(5))).toEqual([1, 2, 3, 4, 5])
  expect(seen).toEqual(['p1', 'p2', 'p3', 'after', 'p5'])
})

test('a Produce request does not overtake another one that waits', async () => {
  const { connect } = await start()
  const client = await connect()
  client.send(beat('park', 1), produced('p', 1, 2))
  await until(() => pending.length === 1)
  await turns(10)
  expect(seen).toEqual(['park'])
  pending[0]!.answer()
  expect(correlationIds(await client.take(2))).toEqual([1, 2])
})

test('a Produce request that cannot append at once keeps back those behind it, and only until it is answered', async () => {
  const { connect } = await start()
  const client = await connect()
  client.send(produced('first', -1, 1), produced('alone', -1, 2), produced('third', -1, 3), produced('fourth', -1, 4))
  await until(() => pending.length === 2)
  await turns(20)
  expect(seen).toEqual(['first', 'alone'])
  // Its answer waits for the first one's, but what is behind it need not.
  pending[1]!.answer()
  await until(() => pending.length === 4)
  for (const { answer } of pending) answer()
  expect(correlationIds(await client.take(4))).toEqual([1, 2, 3, 4])
})

test('queued.max.requests: no more Produce requests of a connection are under way together', async () => {
  const { connect } = await start()
  const client = await connect()
  client.send(...Array.from({ length: settings.queuedRequestsMax + 1 }, (_, index) => produced('p', -1, index)))
  await until(() => seen.length === settings.queuedRequestsMax)
  await turns(10)
  expect(seen).toHaveLength(settings.queuedRequestsMax)
  pending[0]!.answer()
  await until(() => seen.length === settings.queuedRequestsMax + 1)
  expect(correlationIds(await client.take(1))).toEqual([0])
})

test('requests that are put off again and again leave the event loop to others', async () => {
  const { connect } = await start()
  const client = await connect()
  const count = settings.queuedRequestsMax + 5
  client.send(...Array.from({ length: count }, (_, index) => produced('p', -1, index)))
  await until(() => seen.length === settings.queuedRequestsMax)
  for (let answered = 0; answered < 5; answered++) {
    pending[answered]!.answer()
    await until(() => seen.length === settings.queuedRequestsMax + answered + 1)
    await turns(3)
  }
  expect(correlationIds(await client.take(5))).toEqual([0, 1, 2, 3, 4])
})

test('acks 0 has no answer and keeps its place', async () => {
  const { connect } = await start()
  const client = await connect()
  client.send(produced('a', 0, 1), produced('b', 1, 2), produced('c', 0, 3), beat('d', 4))
  expect(correlationIds(await client.take(2))).toEqual([2, 4])
  expect(seen).toEqual(['a', 'b', 'c', 'd'])
})

test('requests sent before the peer ended its side take effect and are answered', async () => {
  const { connect } = await start()
  const client = await connect()
  client.socket.end(withSizes([produced('a', 0, 1), beat('park', 2)]))
  await until(() => pending.length === 1)
  await turns(10)
  pending[0]!.answer()
  expect(correlationIds(await client.take(1))).toEqual([2])
  await client.closed()
})
