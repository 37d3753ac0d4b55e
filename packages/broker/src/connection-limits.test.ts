import { connect, type Socket } from 'node:net'
import { ManualClock, present } from '@odradek/core'
import { Heartbeat, Metadata } from '@odradek/protocol'
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
import { DISCARD_LINGER_MS, REQUESTS_PER_TURN_MAX } from './limits.ts'
import { noQuotas, type Quotas } from './quotas.ts'
import type { RawSocketClient } from './raw-socket-client.ts'

afterEach(stopAll)

test('a peer that does not read is not served further, and goes on when it does', async () => {
  const { connect } = await start()
  const client = await connect()
  client.socket.pause()
  const topics = Array.from({ length: 10 }, () => ({ name: 't' }))
  const count = 200
  const frames = Array.from({ length: count }, (_, index) => requestFrame(Metadata, 0, { topics }, null, index))
  client.send(...frames)
  const other = await connect()
  for (let index = 0; index < 50; index++) {
    other.send(beat('a', index))
    await other.takeOne()
  }
  // What is answered and not read lies in the buffers of the kernel, and up to the limit in ours.
  expect(seen.filter((name) => name === 'metadata').length).toBeLessThan(count / 2)
  client.socket.resume()
  expect(correlationIds(await client.take(count))).toEqual(Array.from({ length: count }, (_, index) => index))
})

test('connections above the limits are closed at once, and count again when others end', async () => {
  const { log, connections, connect } = await start({ settings: { ...settings, maxConnectionsPerIp: 2 } })
  const first = await connect()
  await connect()
  const third = await connect()
  await third.closed()
  expect(log).toEqual([expect.stringContaining('max.connections.per.ip')])
  first.destroy()
  await until(() => connections.count === 1)
  const fourth = await connect()
  fourth.send(beat('a', 1))
  expect(correlationIds(await fourth.take(1))).toEqual([1])

  const small = await start({ settings: { ...settings, maxConnections: 1 } })
  await small.connect()
  await (await small.connect()).closed()
  expect(small.log).toEqual([expect.stringContaining('max.connections)')])
})

test('connections.max.idle.ms: an idle connection is closed after its time; one that waits for an answer is not', async () => {
  const clock = new ManualClock()
  const { connections, connect } = await start({ clock })
  const [idle, waiting] = [await connect(), await connect()]
  await until(() => connections.count === 2)
  waiting.send(beat('park', 1))
  await until(() => pending.length === 1)
  clock.advance(settings.connectionsMaxIdleMs)
  await turns(5)
  expect(idle.isClosed).toBe(false)
  clock.advance(2000)
  await idle.closed()
  expect(waiting.isClosed).toBe(false)
})

test('odradek.frame.timeout.ms: a frame that is begun and not finished in time ends the connection', async () => {
  const clock = new ManualClock()
  const { log, connections, connect } = await start({ clock })
  const client = await connect()
  client.socket.write(beat('a', 1).subarray(0, 3))
  await until(() => connections.heldBytes === 3)
  clock.advance(29_000)
  await turns(5)
  expect(client.isClosed).toBe(false)
  clock.advance(2000)
  await client.closed()
  expect(log).toEqual([expect.stringContaining('not complete after 30000 ms')])
  expect(connections.heldBytes).toBe(0)
})

test('a throttled connection is answered first and then not served for that time', async () => {
  const clock = new ManualClock()
  const quotas: Quotas = {
    ...noQuotas,
    isActive: true,
    throttleMs: (_, { clientId }) => (clientId === 'greedy' ? 500 : 0),
  }
  const { connect } = await start({ clock, quotasOf: () => quotas })
  const client = await connect()
  const request = { groupId: 'a', generationId: 0, memberId: 'm' }
  client.send(requestFrame(Heartbeat, 1, request, 'greedy', 1), requestFrame(Heartbeat, 1, request, 'modest', 2))
  const answer = await client.takeOne()
  expect(answer.readInt32BE(4)).toBe(500)
  await turns(20)
  expect(client.received).toBe(0)
  clock.advance(500)
  expect((await client.takeOne()).readInt32BE(4)).toBe(0)
})

test('buffers of an answer are released once it is sent, or when its connection is gone', async () => {
  const { connect } = await start()
  const events: string[] = []
  const [staying, leaving] = [await connect(), await connect()]
  staying.send(beat('park staying', 1))
  leaving.send(beat('park leaving', 1))
  await until(() => pending.length === 2)
  for (const { name, context } of pending) context.onSent(() => events.push(`${name} released`))
  const gone = present(
    pending.find(({ name }) => name === 'park leaving'),
    'it has come',
  )
  gone.context.onClosed(() => events.push('told'))
  leaving.destroy()
  await until(() => events.includes('told'))
  for (const { answer } of pending) answer()
  await staying.take(1)
  await until(() => events.length === 3)
  expect(events).toEqual(expect.arrayContaining(['park staying released', 'park leaving released', 'told']))
})

test('closing answers what is under way and tells what waits', async () => {
  const { connections, connect } = await start()
  const [idle, waiting] = [await connect(), await connect()]
  waiting.send(beat('park', 1))
  await until(() => pending.length === 1)
  pending[0]!.context.onClosed(() => pending[0]!.answer())
  await connections.close()
  expect(correlationIds(await waiting.take(2))).toEqual([1])
  await idle.closed()
  expect(connections.count).toBe(0)
})

test('an answer given while closing arrives, whatever its peer goes on sending', async () => {
  const { connections, connect } = await start()
  const client = await connect()
  client.send(produced('p', -1, 1))
  await until(() => pending.length === 1)
  client.socket.pause()
  const closing = connections.close()
  for (let index = 0; index < 50; index++) client.send(beat('late', index))
  await turns(10)
  pending[0]!.answer()
  await turns(10)
  // On a connection that was reset this write fails, and what had come before is never read.
  client.send(beat('later', 3))
  await turns(10)
  client.socket.resume()
  expect(correlationIds(await client.take(2))).toEqual([1])
  expect(seen).toEqual(['p'])
  await closing
})

test('a peer that does not end its side is not waited for long', async () => {
  const clock = new ManualClock()
  const { connections, port } = await start({ clock })
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).resume()
  await until(() => connections.count === 1)
  const closing = connections.close()
  await turns(10)
  expect(connections.count).toBe(1)
  clock.advance(DISCARD_LINGER_MS)
  await closing
  expect(connections.count).toBe(0)
  client.destroy()
})

test('CVE-2022-34917: 2,000 connections that announce 100 MB and send a byte take little memory', async () => {
  const wide = { ...settings, socketRequestMaxBytes: 104_857_600 }
  const { connections, port } = await start({ settings: wide })
  const before = process.memoryUsage.rss()
  const announcement = Buffer.from('05f5e10000', 'hex')
  const attackers: Socket[] = []
  while (attackers.length < settings.maxConnectionsPerIp) {
    // No more at a time than the kernel lets wait for accept.
    for (let count = 0; count < 200; count++) attackers.push(connect(port, '127.0.0.1'))
    await until(() => connections.count === attackers.length)
  }
  for (const attacker of attackers) attacker.on('error', () => {}).write(announcement)
  await until(() => connections.heldBytes === attackers.length * announcement.length)
  expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000)
  for (const attacker of attackers) attacker.destroy()
  await until(() => connections.count === 0)
  expect(connections.heldBytes).toBe(0)
}, 60_000)

test('queued.max.request.bytes: large frames above the budget all arrive, a few at a time', async () => {
  const { connections, connect } = await start({ settings: { ...settings, queuedRequestBytesMax: 2_000_000 } })
  const senders = await Promise.all(Array.from({ length: 40 }, () => connect()))
  const frame = Buffer.alloc(900_000)
  beat('a', 9).copy(frame)
  let mostHeld = 0
  const watching = setInterval(() => {
    mostHeld = Math.max(mostHeld, connections.heldBytes)
  }, 1)
  for (const sender of senders) sender.send(frame)
  for (const sender of senders) expect(correlationIds(await sender.take(1))).toEqual([9])
  clearInterval(watching)
  expect(mostHeld).toBeLessThan(8_000_000)
  expect(connections.heldBytes).toBe(0)
})

const LARGE_ANSWER_TOPICS = Array.from({ length: 300 }, () => ({ name: 't' }))

/** Asks for 9 MB and does not read them. */
async function slowReader(open: () => Promise<RawSocketClient>): Promise<RawSocketClient> {
  const client = await open()
  client.socket.pause()
  client.send(requestFrame(Metadata, 0, { topics: LARGE_ANSWER_TOPICS }, null, 1))
  return client
}

test('odradek.max.unsent.bytes, odradek.slow.reader.timeout.ms: who reads nothing for long is closed when memory for answers is short, and only then', async () => {
  for (const unsentBytesMax of [100_000_000, 1_000_000]) {
    const clock = new ManualClock()
    const { connections, connect: open, log } = await start({ clock, settings: { ...settings, unsentBytesMax } })
    await slowReader(open)
    const other = await open()
    await until(() => seen.includes('metadata') && connections.count === 2)
    for (let seconds = 0; seconds < 32; seconds++) clock.advance(1000)
    await turns(5)
    const isShort = unsentBytesMax === 1_000_000
    expect(connections.count).toBe(isShort ? 1 : 2)
    expect(log).toHaveLength(isShort ? 1 : 0)
    other.send(beat('a', 1))
    expect(correlationIds(await other.take(1))).toEqual([1])
    seen.length = 0
  }
})

test('a connection that is to end does not wait for its peer for ever', async () => {
  const clock = new ManualClock()
  const { connections, connect: open } = await start({ clock })
  const client = await slowReader(open)
  client.socket.end()
  await until(() => seen.includes('metadata'))
  await turns(10)
  expect(connections.count).toBe(1)
  clock.advance(7000)
  expect(connections.count).toBe(0)
})

test('closing does not wait for a request that is not answered', async () => {
  const clock = new ManualClock()
  const { connections, connect: open } = await start({ clock })
  const client = await open()
  client.send(beat('park', 1))
  await until(() => pending.length === 1)
  const closing = connections.close()
  await turns(5)
  expect(connections.count).toBe(1)
  clock.advance(2000)
  await closing
  expect(connections.count).toBe(0)
})

test('one connection with many requests does not hold up another', async () => {
  const { connect: open } = await start()
  const [busy, other] = [await open(), await open()]
  busy.send(...Array.from({ length: 3 * REQUESTS_PER_TURN_MAX }, (_, index) => beat('busy', index)))
  other.send(beat('other', 1))
  await until(() => seen.length === 3 * REQUESTS_PER_TURN_MAX + 1)
  expect(seen.indexOf('other')).toBeLessThan(3 * REQUESTS_PER_TURN_MAX)
})
