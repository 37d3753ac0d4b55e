import { connect } from 'node:tls'
import { ManualClock, nodeId, SeededPrng, silentLogger } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { ApiVersions, ErrorCode, IncrementalAlterConfigs } from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { until } from '../../connection-fixture.ts'
import { DelegationTokenTable } from '../../delegation-tokens/delegation-token-table.ts'
import { requestFrame } from '../../harness.ts'
import type { RawSocketClient } from '../../raw-socket-client.ts'
import { TestAuthority } from '../certificates-fixture.ts'
import { ScramCredentialTable } from '../scram-credentials.ts'
import { SecretFiles } from '../secret-files.ts'
import {
  exchangeUntilClosed,
  pemSettings,
  plainClient,
  startSecure,
  stopSecure,
  tlsClient,
  tlsSocket,
} from '../secure-broker-fixture.ts'
import { CERTIFICATE_CHECK_INTERVAL_MS, Security } from '../security.ts'

/** odradek.tls.handshake.timeout.ms, unless set. */
const HANDSHAKE_TIMEOUT_MS = 10_000

const authority = new TestAuthority()
const own = authority.issue('/CN=broker')
const ca = authority.ca.certificate
const SSL = { listeners: 'SSL://localhost:0', ...pemSettings(own, authority) }

afterEach(stopSecure)
afterAll(() => authority.dispose())

async function asks(client: RawSocketClient): Promise<number> {
  client.send(requestFrame(ApiVersions, 0, {}))
  const reader = new Reader(await client.takeOne(), 4)
  return ApiVersions.response.read(reader, 0).errorCode
}

const port = ({ ports }: { ports: Readonly<Record<string, number>> }) => ports['SSL'] ?? 0

test.each(['TLSv1.2', 'TLSv1.3'] as const)('requests go over %s', async (version) => {
  const broker = await startSecure(SSL)
  const socket = await tlsSocket(port(broker), { ca, minVersion: version, maxVersion: version })
  expect(socket.getProtocol()).toBe(version)
  expect(await asks(await tlsClient(port(broker), { ca, minVersion: version, maxVersion: version }))).toBe(0)
})

test('TLS 1.1 is refused, and a version that is not enabled', async () => {
  const broker = await startSecure({ ...SSL, 'ssl.enabled.protocols': 'TLSv1.3' })
  const old = { ca, minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }
  await expect(tlsSocket(port(broker), { ...old, maxVersion: 'TLSv1.1' })).rejects.toThrow()
  await expect(tlsSocket(port(broker), { ca, maxVersion: 'TLSv1.2' })).rejects.toThrow()
  expect(await asks(await tlsClient(port(broker), { ca }))).toBe(0)
})

test('a cipher suite by its name in Java is the only one offered', async () => {
  const suites = { 'ssl.cipher.suites': 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384' }
  const broker = await startSecure({ ...SSL, 'ssl.enabled.protocols': 'TLSv1.2', ...suites })
  const socket = await tlsSocket(port(broker), { ca })
  expect(socket.getCipher().standardName).toBe('TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')
  await expect(tlsSocket(port(broker), { ca, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).rejects.toThrow()
})

test('without a certificate that it must have, a client is refused; with a foreign one, too', async () => {
  const broker = await startSecure({ ...SSL, 'ssl.client.auth': 'required' })
  const stranger = new TestAuthority('/CN=Stranger')
  const foreign = stranger.issue('/CN=alice')
  const alice = authority.issue('/CN=alice')
  const without = await tlsClient(port(broker), { ca })
  await without.closed()
  const withForeign = await tlsClient(port(broker), { ca, key: foreign.key, cert: foreign.certificate })
  await withForeign.closed()
  expect(broker.log.filter((line) => line.includes('certificate'))).toHaveLength(2)
  expect(await asks(await tlsClient(port(broker), { ca, key: alice.key, cert: alice.certificate }))).toBe(0)
  stranger.dispose()
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'who is refused for his certificate gets an alert by %s',
  async (version) => {
    const broker = await startSecure({ ...SSL, 'ssl.client.auth': 'required' })
    const stranger = new TestAuthority()
    const foreign = stranger.issue('/CN=alice')
    const versions = { minVersion: version, maxVersion: version }
    const socket = connect({
      port: port(broker),
      host: 'localhost',
      ca,
      key: foreign.key,
      cert: foreign.certificate,
      ...versions,
    })
    const error = await new Promise((resolve) => socket.once('error', resolve).once('end', () => resolve(null)))
    expect(error).toMatchObject({ code: expect.stringContaining('ALERT') })
    await until(() => broker.log.some((line) => line.includes('is not trusted')))
    socket.destroy()
    stranger.dispose()
  },
)

test('where a certificate is only asked for, a client may have none, but none that is not trusted', async () => {
  const broker = await startSecure({ ...SSL, 'ssl.client.auth': 'requested' })
  const stranger = new TestAuthority('/CN=Stranger')
  const foreign = stranger.issue('/CN=alice')
  expect(await asks(await tlsClient(port(broker), { ca }))).toBe(0)
  await (await tlsClient(port(broker), { ca, key: foreign.key, cert: foreign.certificate })).closed()
  stranger.dispose()
})

test.each([
  ['a Kafka request', requestFrame(ApiVersions, 0, {}), 'clear text to a TLS port'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'HTTP on a TLS port'],
])('%s in clear text on a TLS port is named in one line', async (_, bytes, reason) => {
  const broker = await startSecure(SSL)
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes.length)
  await exchangeUntilClosed(
    port(broker),
    bytes.toString('latin1').startsWith('GET') ? bytes : Buffer.concat([size, bytes]),
  )
  const lines = broker.log.filter((line) => line.startsWith('connection closed'))
  expect(lines).toEqual([expect.stringContaining(reason)])
})

test('a TLS hello on a clear port is named in one line', async () => {
  const broker = await startSecure({})
  await expect(tlsSocket(broker.ports['PLAINTEXT'] ?? 0, { ca })).rejects.toThrow()
  const lines = broker.log.filter((line) => line.startsWith('connection closed'))
  expect(lines).toEqual([expect.stringMatching(/TLS/)])
})

test('who does not go on with the handshake is turned away when its time is up', async () => {
  const clock = new ManualClock()
  const starting = startSecure(SSL, { clock })
  let started = false
  void starting.finally(() => {
    started = true
  })
  while (!started) {
    clock.advance(1)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const broker = await starting
  const client = await plainClient(port(broker))
  // Another client behind it is served, so the first has been accepted.
  await tlsSocket(port(broker), { ca })
  clock.advance(HANDSHAKE_TIMEOUT_MS - 1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(client.isClosed).toBe(false)
  clock.advance(1)
  await client.closed()
  expect(broker.log.join()).toContain('took too long')
})

test('connections in the middle of a handshake count', async () => {
  const broker = await startSecure({ ...SSL, 'max.connections.per.ip': '1' })
  await plainClient(port(broker))
  const second = await plainClient(port(broker))
  await second.closed()
  expect(broker.log.join()).toContain('max.connections.per.ip')
})

test('new certificates by AlterConfigs: new connections see them, old ones stay', async () => {
  const settings = { ...SSL, listeners: 'SSL://localhost:0,PLAINTEXT://localhost:0' }
  const broker = await startSecure(settings)
  const before = await tlsClient(port(broker), { ca })
  const next = authority.issue('/CN=renewed')
  const prefix = 'listener.name.ssl.'
  const names = Object.entries(pemSettings(next, authority, prefix))
  const configs = names.map(([name, value]) => ({ name, configOperation: 0, value }))
  const admin = await plainClient(broker.ports['PLAINTEXT'] ?? 0)
  const resources = [{ resourceType: 4, resourceName: '1', configs }]
  admin.send(requestFrame(IncrementalAlterConfigs, 0, { resources, validateOnly: false }))
  const reader = new Reader(await admin.takeOne(), 4)
  const { responses } = IncrementalAlterConfigs.response.read(reader, 0)
  expect(responses[0]?.errorCode).toBe(ErrorCode.NONE)
  const after = await tlsSocket(port(broker), { ca })
  expect(after.getPeerCertificate().subject.CN).toBe('renewed')
  expect(await asks(before)).toBe(0)
})

test('a certificate file that changes is taken up; one that is no good is not', async () => {
  const clock = new ManualClock()
  const fs = new MemoryFs({ now: () => clock.wallMs(), bytesMax: 1_000_000 })
  const write = (text: string) => {
    const file = fs.openSync('broker.pem', 'create')
    file.writeSync([Buffer.from(text)], 0)
    file.closeSync()
  }
  write(own.key + own.certificate)
  const fixed = new Map([
    ['ssl.keystore.type', 'PEM'],
    ['ssl.keystore.location', 'broker.pem'],
  ])
  const layers = { dynamic: new Map(), dynamicDefault: new Map(), fixed }
  const plan = {
    name: 'SSL',
    securityProtocol: 'SSL' as const,
    loginBy: null,
    binds: [],
    port: 0,
    advertisedHost: '',
    advertisedPort: 0,
  }
  const log: string[] = []
  const logger = { ...silentLogger, info: (line: string) => log.push(line), error: (line: string) => log.push(line) }
  const nodes = [{ id: nodeId(1), listeners: [plan] }]
  const security = await Security.open({
    ...{ nodes, fs, clock, logger, prng: new SeededPrng(1), scramCredentials: new ScramCredentialTable() },
    delegationTokens: new DelegationTokenTable(null),
    secretFiles: new SecretFiles(fs, logger, 'ignore'),
    layersOf: () => layers,
  })
  const pass = async () => {
    clock.advance(CERTIFICATE_CHECK_INTERVAL_MS)
    await security.reload()
  }
  await pass()
  expect(log).toEqual([])
  write('this is no certificate')
  await pass()
  expect(new Set(log)).toEqual(new Set(['new certificates cannot be used; the old ones stay']))
  log.length = 0
  const next = authority.issue('/CN=renewed')
  write(next.key + next.certificate)
  await pass()
  expect(log).toEqual(['a listener has new certificates'])
  security.close()
})

test.each([
  [{ 'ssl.keystore.key': '' }, 'no private key'],
  [{ 'ssl.keystore.type': 'BKS' }, 'ssl.keystore.type=BKS'],
  [{ 'ssl.keystore.location': 'nowhere.pem' }, 'there is no such file'],
  [{ 'ssl.enabled.protocols': 'TLSv1.1' }, 'TLSv1.1 is not offered'],
  [{ 'ssl.cipher.suites': 'SSL_RSA_WITH_RC4_128_MD5' }, 'SSL_RSA_WITH_RC4_128_MD5 is not offered'],
  [{ 'ssl.truststore.certificates': 'x' }, 'has no certificate'],
  [{ 'ssl.principal.mapping.rules': 'RULE:(/x/' }, 'is no rule'],
])('%j is refused at the start', async (settings, message) => {
  await expect(startSecure({ ...SSL, ...settings })).rejects.toThrow(message)
})

test('a listener without any certificate is refused with the keys that it needs', async () => {
  await expect(startSecure({ listeners: 'SSL://localhost:0' })).rejects.toThrow('ssl.keystore.location')
})

test('a key that does not belong to the certificate is refused, and does not stand in the message', async () => {
  const other = authority.issue('/CN=other')
  const starting = startSecure({ ...SSL, 'ssl.keystore.key': other.key })
  await expect(starting).rejects.toThrow('key and certificate cannot be used')
  await expect(starting).rejects.not.toThrow(other.key.split('\n')[1] ?? '')
})
