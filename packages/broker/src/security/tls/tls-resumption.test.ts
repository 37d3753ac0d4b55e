import { type ConnectionOptions, connect } from 'node:tls'
import { ApiVersions, IncrementalAlterConfigs } from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { until } from '../../connection-fixture.ts'
import { requestFrame } from '../../harness.ts'
import { TestAuthority } from '../certificates-fixture.ts'
import { pemSettings, plainClient, startSecure, stopSecure, tlsClient, tlsSocket } from '../secure-broker-fixture.ts'

const authority = new TestAuthority()
const strangers = new TestAuthority('/CN=Strangers')
const ca = authority.ca.certificate
const alice = authority.issue('/CN=alice')
const foreign = strangers.issue('/CN=alice')
const SSL = {
  listeners: 'SSL://localhost:0',
  'ssl.client.auth': 'required',
  // Nobody else has a name, and who has none is not served.
  'ssl.principal.mapping.rules': 'RULE:^CN=alice$/alice/',
  ...pemSettings(authority.issue('/CN=broker'), authority),
}
/** The numbers of IncrementalAlterConfigs. */
const BROKER = 4
const SET = 0
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const

afterEach(stopSecure)
afterAll(() => {
  authority.dispose()
  strangers.dispose()
})

/** What a client may come back with; null where the broker ends the connection without giving any. */
function sessionOf(port: number, options: ConnectionOptions): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const socket = connect({ ...options, port, host: 'localhost' })
    socket.once('session', (session) => {
      resolve(session)
      socket.destroy()
    })
    socket.on('error', () => {})
    socket.once('close', () => resolve(null))
  })
}

const port = ({ ports }: { ports: Readonly<Record<string, number>> }) => ports['SSL'] ?? 0

// Java's client does so with its second connection already.
test.each(VERSIONS)('a client with a certificate comes back by its session of %s, as who it was', async (version) => {
  const broker = await startSecure(SSL)
  const options = { ca, key: alice.key, cert: alice.certificate, minVersion: version, maxVersion: version }
  const session = await sessionOf(port(broker), options)
  if (session === null) throw new Error('no session was given')
  const again = await tlsSocket(port(broker), { ...options, session })
  expect(again.isSessionReused()).toBe(true)
  const client = await tlsClient(port(broker), { ...options, session })
  client.send(requestFrame(ApiVersions, 0, {}))
  expect((await client.takeOne()).length).toBeGreaterThan(0)
})

test.each(VERSIONS)('whose certificate is not trusted does not come in by a session of %s either', async (version) => {
  const broker = await startSecure(SSL)
  const options = { ca, key: foreign.key, cert: foreign.certificate, minVersion: version, maxVersion: version }
  const session = (await sessionOf(port(broker), options)) ?? undefined
  // By TLS 1.3 a client is through before the broker has looked at its certificate.
  const comesIn = tlsClient(port(broker), { ...options, ...(session === undefined ? {} : { session }) })
  await comesIn.then(
    (client) => client.closed(),
    () => {},
  )
  await until(() => broker.log.filter((line) => line.includes('is not trusted')).length === 2)
})

test.each(VERSIONS)('who is not trusted any more does not come in by a session of %s', async (version) => {
  const broker = await startSecure({ ...SSL, listeners: 'SSL://localhost:0,PLAINTEXT://localhost:0' })
  const options = { ca, key: alice.key, cert: alice.certificate, minVersion: version, maxVersion: version }
  const session = await sessionOf(port(broker), options)
  if (session === null) throw new Error('no session was given')
  const admin = await plainClient(broker.ports['PLAINTEXT'] ?? 0)
  const trust = { name: 'listener.name.ssl.ssl.truststore.certificates', value: strangers.ca.certificate }
  const resources = [{ resourceType: BROKER, resourceName: '1', configs: [{ ...trust, configOperation: SET }] }]
  admin.send(requestFrame(IncrementalAlterConfigs, 0, { resources, validateOnly: false }))
  const reader = new Reader(await admin.takeOne(), 4)
  const { responses } = IncrementalAlterConfigs.response.read(reader, 0)
  expect(responses[0]?.errorMessage ?? '').toBe('')
  await sessionOf(port(broker), { ...options, session })
  await until(() => broker.log.some((line) => line.includes('is not trusted')))
})
