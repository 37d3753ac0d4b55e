import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { ManualClock, nodeId, present, SystemClock } from '@odradek/core'
import { ApiVersions, Heartbeat, Metadata, Produce } from '@odradek/protocol'
import { allowAll } from './authorizer.ts'
import { Connections, type ConnectionsOptions } from './connections.ts'
import { handler } from './handler.ts'
import { apiVersions } from './handlers/18-api-versions.ts'
import { givenServices, requestFrame } from './harness.ts'
import { PRODUCE_IN_FLIGHT_MAX } from './limits.ts'
import { RawSocketClient, withSizes } from './raw-socket-client.ts'
import { registry } from './registry.ts'
import type { RequestContext } from './request-context.ts'

/** Requests of the handlers below that have begun, and a way to answer them. */
interface Pending {
  readonly name: string
  readonly context: RequestContext
  answer(): void
}

const pending: Pending[] = []
const seen: string[] = []

function park(name: string, context: RequestContext): Promise<void> {
  return new Promise((resolve) => pending.push({ name, context, answer: resolve }))
}

/** Group ids say what to do: `park:` waits, `throw` is a bug, `close` ends the connection. */
const heartbeat = handler(Heartbeat, [0, 4], (request, context) => {
  seen.push(request.groupId)
  const response = { errorCode: request.generationId }
  if (request.groupId.startsWith('park')) return park(request.groupId, context).then(() => response)
  if (request.groupId === 'throw') throw new Error('a bug')
  if (request.groupId === 'close') context.close('it said so')
  return response
})

/** The transactional id is the name; acks 0 answers nothing, acks 1 at once, acks -1 when told to. */
const produce = handler(
  Produce,
  [0, 13],
  (request, context) => {
    seen.push(request.transactionalId ?? '')
    if (request.acks === 0) return null
    const response = { responses: [], throttleTimeMs: 0 }
    return request.acks === 1 ? response : park(request.transactionalId ?? '', context).then(() => response)
  },
  { borrowsFrame: true },
)

/** Answers with 30 KB for each topic asked for. */
const metadata = handler(Metadata, [0, 13], (request) => ({
  brokers: [...(request.topics ?? [])].map(() => ({ nodeId: 1, host: 'h'.repeat(30_000), port: 1, rack: null })),
  clusterId: null,
  controllerId: -1,
  topics: [],
  clusterAuthorizedOperations: -2_147_483_648,
  errorCode: 0,
}))

const settings = {
  socketRequestMaxBytes: 1_000_000,
  queuedRequestBytesMax: 268_435_456,
  connectionsMaxIdleMs: 600_000,
  maxConnections: 10_000,
  maxConnectionsPerIp: 2000,
}

interface Running {
  readonly connections: Connections
  readonly log: string[]
  connect(): Promise<RawSocketClient>
}

const servers: Server[] = []
const clients: RawSocketClient[] = []
const running: Connections[] = []

async function start(options: Partial<ConnectionsOptions> = {}): Promise<Running> {
  const log: string[] = []
  const write = (message: string, fields: object = {}) => log.push(`${message} ${Object.values(fields).join(' ')}`)
  const logger = { debug() {}, info() {}, warn: write, error: write }
  const rows = registry([produce, metadata, heartbeat, apiVersions])
  const table = { registry: rows, services: givenServices({ logger }, rows.served), authorizer: allowAll, logger }
  const connections = new Connections({ table, settings, clock: new SystemClock(), ...options })
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket: Socket) =>
    connections.accept(socket, nodeId(1), 'PLAINTEXT'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  running.push(connections)
  const { port } = server.address() as AddressInfo
  return {
    connections,
    log,
    async connect() {
      const client = await RawSocketClient.open(port)
      clients.push(client)
      return client
    },
  }
}

afterEach(async () => {
  for (const entry of pending.splice(0)) entry.answer()
  seen.length = 0
  for (const client of clients.splice(0)) client.destroy()
  for (const server of servers.splice(0)) server.close()
  for (const connections of running.splice(0)) await connections.close()
})

function beat(groupId: string, correlationId: number): Buffer {
  return requestFrame(Heartbeat, 0, { groupId, generationId: correlationId % 1000, memberId: 'm' }, null, correlationId)
}

function produced(name: string, acks: number, correlationId: number): Buffer {
  return requestFrame(Produce, 3, { transactionalId: name, acks, timeoutMs: 0, topicData: [] }, null, correlationId)
}

const correlationIds = (answers: readonly Buffer[]) => answers.map((answer) => answer.readInt32BE(0))

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

/** Gives the broker `turns` chances to do what it must not. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe.each([
  ['into our own buffers', true],
  ['by data events', false],
])('reading %s', (_, ownReceiveBuffers) => {
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

  test('100,000 pipelined requests are answered in order, with little of them in memory', async () => {
    const { connections, connect } = await start({ ownReceiveBuffers })
    const client = await connect()
    const count = 100_000
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
  })

  test('requests behind one that waits are not begun, nor read without bound', async () => {
    const { connections, connect } = await start({ ownReceiveBuffers })
    const client = await connect()
    client.send(beat('park', 1))
    await until(() => pending.length === 1)
    for (let index = 0; index < 20; index++) {
      client.send(...Array.from({ length: 5000 }, (_, number) => beat('g', 2 + index * 5000 + number)))
    }
    await turns(200)
    expect(seen).toEqual(['park'])
    expect(connections.heldBytes).toBeLessThan(200_000)
    pending[0]!.answer()
    const ids = correlationIds(await client.take(100_001))
    expect(ids.every((id, index) => id === index + 1)).toBe(true)
    expect(connections.heldBytes).toBe(0)
  })

  test('a large request comes whole, at the limit of size', async () => {
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

test('no more Produce requests than the limit are under way together', async () => {
  const { connect } = await start()
  const client = await connect()
  client.send(...Array.from({ length: PRODUCE_IN_FLIGHT_MAX + 1 }, (_, index) => produced('p', -1, index)))
  await until(() => seen.length === PRODUCE_IN_FLIGHT_MAX)
  await turns(10)
  expect(seen).toHaveLength(PRODUCE_IN_FLIGHT_MAX)
  pending[0]!.answer()
  await until(() => seen.length === PRODUCE_IN_FLIGHT_MAX + 1)
  expect(correlationIds(await client.take(1))).toEqual([0])
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

const header = (size: number, rest = 'xxxxxxxx') => {
  const bytes = Buffer.alloc(4 + rest.length)
  bytes.writeInt32BE(size)
  bytes.write(rest, 4)
  return bytes
}

test.each([
  ['a negative size', header(-1), 'a frame of -1 bytes'],
  ['no size', header(0), 'a frame of 0 bytes'],
  ['one byte too many', header(settings.socketRequestMaxBytes + 1), 'sizes go from 1 to 1000000'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'speaks HTTP'],
  ['TLS', Buffer.from('160301020001', 'hex'), 'speaks TLS'],
  ['an unknown key', withSizes([Buffer.from('7fff0000000000010000', 'hex')]), 'API key 32767 is not served'],
  ['a key that is not served', withSizes([Buffer.from('00040000000000010000', 'hex')]), 'API key 4 is not served'],
  ['a version too high', withSizes([beat('a', 1).fill(9, 3, 4)]), 'Heartbeat version 9 is not served'],
  ['a version below 0', withSizes([beat('a', 1).fill(0xff, 2, 4)]), 'Heartbeat version -1 is not served'],
  ['a body cut short', withSizes([beat('a', 1).subarray(0, -1)]), 'cut short'],
  ['a header cut short', withSizes([beat('a', 1).subarray(0, 6)]), 'cut short'],
  ['a single byte', withSizes([Buffer.alloc(1)]), 'a request of 1 bytes'],
  ['a count beyond the frame', withSizes([Buffer.from('000300000000000100007fffffff', 'hex')]), 'does not fit'],
])('%s ends the connection with one line in the log, after the answers before it', async (_, bytes, reason) => {
  const { log, connect } = await start()
  const [client, other] = [await connect(), await connect()]
  client.socket.write(Buffer.concat([withSizes([beat('before', 1)]), bytes]))
  expect(correlationIds(await client.take(2))).toEqual([1])
  await client.closed()
  expect(log).toEqual([expect.stringContaining(reason)])
  expect(log[0]).toContain(`127.0.0.1:${client.socket.localPort ?? ''}`)
  other.send(beat('a', 3))
  expect(correlationIds(await other.take(1))).toEqual([3])
})

test('an answer that still waits is given before a bad request ends the connection', async () => {
  const { connect } = await start()
  const client = await connect()
  client.socket.write(withSizes([produced('p', -1, 1), Buffer.from('7fff0000000000010000', 'hex')]))
  await until(() => pending.length === 1)
  await turns(10)
  expect(client.isClosed).toBe(false)
  pending[0]!.answer()
  expect(correlationIds(await client.take(1))).toEqual([1])
  await client.closed()
})

test('bytes behind the body are ignored', async () => {
  const { connect } = await start()
  const client = await connect()
  client.send(Buffer.concat([beat('a', 1), Buffer.from('more')]))
  expect(correlationIds(await client.take(1))).toEqual([1])
})

test.each([-1, 6, 99])('ApiVersions %i is answered in version 0, and the connection goes on', async (version) => {
  const { connect } = await start()
  const client = await connect()
  const frame = requestFrame(ApiVersions, 3, { clientSoftwareName: 'x', clientSoftwareVersion: '1' }, null, 1)
  frame.writeInt16BE(version, 2)
  client.send(frame, beat('a', 2))
  const answer = await client.takeOne()
  expect(answer.toString('hex')).toBe('00000001' + '0023' + '00000001' + '0012' + '0000' + '0005')
  expect(correlationIds(await client.take(1))).toEqual([2])
})

test('a handler that throws costs its own connection, and says so', async () => {
  const { log, connect } = await start()
  const [client, other] = [await connect(), await connect()]
  client.send(beat('before', 1), beat('throw', 2), beat('never', 3))
  expect(correlationIds(await client.take(3))).toEqual([1])
  expect(log.join()).toContain('a bug')
  expect(seen).toEqual(['before', 'throw'])
  other.send(beat('a', 3))
  expect(correlationIds(await other.take(1))).toEqual([3])
})

test('a handler may end the connection in place of its answer', async () => {
  const { log, connect } = await start()
  const client = await connect()
  client.send(beat('before', 1), beat('close', 2))
  expect(correlationIds(await client.take(2))).toEqual([1])
  expect(log).toEqual([expect.stringContaining('it said so')])
})

test('a peer that does not read is not served further, and goes on when it does', async () => {
  const { connect } = await start()
  const client = await connect()
  client.socket.pause()
  const topics = Array.from({ length: 10 }, () => ({ name: 't' }))
  const count = 200
  const frames = Array.from({ length: count }, (_, index) => requestFrame(Metadata, 0, { topics }, null, index))
  client.send(...frames)
  const other = await start()
  const fast = await other.connect()
  for (let index = 0; index < 50; index++) {
    fast.send(beat('a', index))
    await fast.takeOne()
  }
  await turns(50)
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

test('an idle connection is closed after its time; one that waits for an answer is not', async () => {
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

test('a frame that is begun and not finished in time ends the connection', async () => {
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
  const quotas = { throttleMs: (_: unknown, clientId: string | null) => (clientId === 'greedy' ? 500 : 0) }
  const { connect } = await start({ clock, quotas })
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

test('2,000 connections that announce 100 MB and send a byte take little memory', async () => {
  const wide = { ...settings, socketRequestMaxBytes: 104_857_600 }
  const { connections, connect } = await start({ settings: wide })
  const attackers = await Promise.all(Array.from({ length: 1000 }, () => connect()))
  const before = process.memoryUsage.rss()
  for (const attacker of attackers) attacker.socket.write(header(100_000_000, 'x'))
  await until(() => connections.heldBytes === attackers.length * 5)
  expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000)
})

test('large frames above the budget all arrive, a few at a time', async () => {
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
