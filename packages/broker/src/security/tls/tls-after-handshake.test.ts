import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
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
