import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { ApiVersions } from '@odradek/protocol'
import { requestFrame } from '../../harness.ts'
import { RawSocketClient } from '../../raw-socket-client.ts'
import { TestAuthority } from '../certificates-fixture.ts'
import { pemSettings, startSecure, stopSecure, tlsSocket } from '../secure-broker-fixture.ts'

const authority = new TestAuthority()
const ca = authority.ca.certificate
const SSL = { listeners: 'SSL://localhost:0', ...pemSettings(authority.issue('/CN=broker'), authority) }

afterEach(stopSecure)
afterAll(() => authority.dispose())

function renegotiation(socket: TLSSocket): Promise<Error | null> {
  return new Promise((resolve) => {
    socket.on('error', resolve)
    socket.renegotiate({ rejectUnauthorized: false }, resolve)
  })
}

test('a client may not shake hands again on a connection, as with Kafka', async () => {
  const { ports } = await startSecure(SSL)
  const socket = await tlsSocket(ports['SSL'] ?? 0, { ca, maxVersion: 'TLSv1.2' })
  expect(String(await renegotiation(socket))).toContain('no renegotiation')
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'what is no TLS after the handshake of %s ends the connection',
  async (version) => {
    const { ports } = await startSecure(SSL)
    const raw = connectTcp({ port: ports['SSL'] ?? 0, host: 'localhost' })
    const ended = once(raw, 'close')
    const socket = connectTls({ socket: raw, ca, servername: 'localhost', minVersion: version, maxVersion: version })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    raw.write(Buffer.alloc(500, 'x'))
    await ended
    expect(raw.destroyed).toBe(true)
  },
)

test('odradek.max.logins.per.ip: those that shake hands at the same time count as well', async () => {
  const { ports, log } = await startSecure({
    ...SSL,
    listeners: 'SASL_SSL://localhost:0',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256',
    'odradek.max.logins.per.ip': '2',
  })
  const raw = Array.from({ length: 5 }, () => connectTcp({ port: ports['SASL_SSL'] ?? 0, host: 'localhost' }))
  await Promise.all(raw.map((socket) => once(socket, 'connect')))
  const clients = await Promise.all(
    raw.map((socket) => clientOver(connectTls({ socket, ca, servername: 'localhost' }))),
  )
  for (const client of clients) client.send(requestFrame(ApiVersions, 0, {}))
  const answers = await Promise.all(clients.map((client) => client.take(1)))
  expect(answers.filter(({ length }) => length === 1)).toHaveLength(2)
  expect(log.filter((line) => line.includes('odradek.max.logins.per.ip'))).toHaveLength(3)
  for (const client of clients) client.destroy()
})

/** With its handshake done, or given up. */
async function clientOver(socket: TLSSocket): Promise<RawSocketClient> {
  const client = RawSocketClient.over(socket)
  await Promise.race([once(socket, 'secureConnect'), client.closed()])
  return client
}
