import net from 'node:net'
import { ApiVersions, ErrorCode } from '@odradek/protocol'
import { Writer } from '@odradek/protocol/wire'
import { probe } from './probe.ts'

const servers: net.Server[] = []
const sockets: net.Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** A server that does `serve` with each connection; gives its port. */
function listen(serve: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    sockets.push(socket)
    serve(socket)
  })
  servers.push(server)
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
  })
}

function answer(
  errorCode: number,
  apiKeys = [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
  correlationId = 1,
): Buffer {
  const writer = new Writer()
  writer.int32(correlationId)
  ApiVersions.response.write(writer, 0, { errorCode, apiKeys })
  const body = writer.toBytes()
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

const TIMEOUT_MS = 5000
const at = (port: number, isEncrypted = false) => ({ host: '127.0.0.1', port, isEncrypted })

test('a broker that answers is well, in one piece or byte by byte', async () => {
  const whole = await listen((socket) => socket.once('data', () => socket.write(answer(ErrorCode.NONE))))
  expect(await probe(at(whole), TIMEOUT_MS)).toBeNull()
  const pieces = await listen((socket) => {
    socket.setNoDelay(true)
    socket.once('data', () => {
      for (const byte of answer(ErrorCode.NONE)) socket.write(Buffer.of(byte))
    })
  })
  expect(await probe(at(pieces), TIMEOUT_MS)).toBeNull()
})

test.each([
  ['an error', answer(ErrorCode.UNSUPPORTED_VERSION), 'the broker answers with error 35'],
  ['no APIs', answer(ErrorCode.NONE, []), 'the broker lists no API'],
  ['an answer to another', answer(ErrorCode.NONE, [], 2), 'the answer is to another request'],
  ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), 'the answer is not that of a Kafka broker'],
  ['nonsense', Buffer.from([0, 0, 0, 5, 0, 0, 0, 1, 0]), 'the answer is not that of a Kafka broker'],
])('%s is not', async (_, bytes, fault) => {
  const port = await listen((socket) => socket.once('data', () => socket.write(bytes)))
  expect(await probe(at(port), TIMEOUT_MS)).toBe(fault)
})

test('neither is one that closes, one that is silent, or none at all', async () => {
  const closing = await listen((socket) => socket.once('data', () => socket.end()))
  expect(await probe(at(closing), TIMEOUT_MS)).toBe('the connection was closed without an answer')
  const silent = await listen(() => {})
  expect(await probe(at(silent), 20)).toBe('no answer within 20 ms')
  const gone = await listen(() => {})
  await new Promise<void>((resolve) => servers.at(-1)?.close(() => resolve()))
  expect(await probe(at(gone), TIMEOUT_MS)).toContain('ECONNREFUSED')
})
