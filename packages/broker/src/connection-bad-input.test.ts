import { ApiVersions, Metadata } from '@odradek/protocol'
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
import { withSizes } from './raw-socket-client.ts'

afterEach(stopAll)

const header = (size: number, rest = 'xxxxxxxx') => {
  const bytes = Buffer.alloc(4 + rest.length)
  bytes.writeInt32BE(size)
  bytes.write(rest, 4)
  return bytes
}

/** Read in turns of the event loop. */
const topics = Array.from({ length: 20_000 }, (_, index) => ({ name: `topic-${index}` }))
const manyNames = requestFrame(Metadata, 0, { topics })

test.each([
  ['a negative size', header(-1), 'a frame of -1 bytes'],
  ['no size', header(0), 'a frame of 0 bytes'],
  [
    'one byte more than socket.request.max.bytes',
    header(settings.socketRequestMaxBytes + 1),
    'sizes go from 1 to 1000000',
  ],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'speaks HTTP'],
  ['TLS', Buffer.from('160301020001', 'hex'), 'speaks TLS'],
  ['an unknown key', withSizes([Buffer.from('7fff0000000000010000', 'hex')]), 'API key 32767 is not served'],
  ['a key that is not served', withSizes([Buffer.from('00040000000000010000', 'hex')]), 'API key 4 is not served'],
  ['a version too high', withSizes([beat('a', 1).fill(9, 3, 4)]), 'Heartbeat version 9 is not served'],
  ['a version below 0', withSizes([beat('a', 1).fill(0xff, 2, 4)]), 'Heartbeat version -1 is not served'],
  ['a body cut short', withSizes([beat('a', 1).subarray(0, -1)]), 'cut short'],
  ['a header cut short', withSizes([beat('a', 1).subarray(0, 6)]), 'cut short'],
  ['a single byte', withSizes([Buffer.alloc(1)]), 'a request of 1 bytes'],
  ['many rows, the last cut short', withSizes([manyNames.subarray(0, -1)]), 'cut short'],
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
