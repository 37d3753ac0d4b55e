import { ManualClock } from '@odradek/core'
import {
  AlterUserScramCredentials,
  ApiVersions,
  DescribeConfigs,
  ErrorCode,
  Metadata,
  SaslAuthenticate,
  SaslHandshake,
} from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { requestFrame } from '../../harness.ts'
import type { RawSocketClient } from '../../raw-socket-client.ts'
import { driven, plainClient, type SecureBroker, startSecure, stopSecure } from '../secure-broker-fixture.ts'
import { ScramClient } from './scram-client-fixture.ts'

/** Of odradek.login.timeout.ms and odradek.max.logins.per.ip, unless set. */
const LOGIN_TIMEOUT_MS = 30_000
const LOGINS_PER_IP = 500

const CANARY = 'canary-Kx82-secret'
const JAAS = `org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="${CANARY}" user_bob="bob-pw";`
const SASL = {
  listeners: 'SASL_PLAINTEXT://localhost:0',
  'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  'listener.name.sasl_plaintext.plain.sasl.jaas.config': JAAS,
  'odradek.scram.users': `alice:${CANARY},bob:bob-pw`,
  'connection.failed.authentication.delay.ms': '1',
}

afterEach(stopSecure)

const port = ({ ports }: SecureBroker) => ports['SASL_PLAINTEXT'] ?? 0
const connect = async (broker: SecureBroker) => plainClient(port(broker))

async function ask(client: RawSocketClient, frame: Buffer): Promise<Reader> {
  client.send(frame)
  return new Reader(await client.takeOne(), 4)
}

async function handshake(client: RawSocketClient, mechanism: string, version = 1) {
  return SaslHandshake.response.read(await ask(client, requestFrame(SaslHandshake, version, { mechanism })), version)
}

async function authenticate(client: RawSocketClient, token: string) {
  const frame = requestFrame(SaslAuthenticate, 1, { authBytes: Buffer.from(token) })
  return SaslAuthenticate.response.read(await ask(client, frame), 1)
}

const METADATA = requestFrame(Metadata, 1, { topics: [] })
const VERSIONS = requestFrame(ApiVersions, 0, {})
const plain = (name: string, password: string) => `\0${name}\0${password}`

async function login(client: RawSocketClient, name = 'alice', password = CANARY) {
  await handshake(client, 'PLAIN')
  return authenticate(client, plain(name, password))
}

async function isServed(client: RawSocketClient): Promise<boolean> {
  client.send(METADATA)
  return (await client.take(1)).length === 1
}

test('PLAIN: ApiVersions, handshake, token, then requests', async () => {
  const client = await connect(await startSecure(SASL))
  expect(ApiVersions.response.read(await ask(client, VERSIONS), 0).errorCode).toBe(ErrorCode.NONE)
  const { errorCode, mechanisms } = await handshake(client, 'PLAIN')
  expect({ errorCode, mechanisms: mechanisms.toSorted() }).toEqual({
    errorCode: ErrorCode.NONE,
    mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
  })
  const answer = await authenticate(client, plain('alice', CANARY))
  expect(answer).toMatchObject({ errorCode: ErrorCode.NONE, errorMessage: '', sessionLifetimeMs: 0n })
  expect(answer.authBytes).toHaveLength(0)
  expect(await isServed(client)).toBe(true)
})

test.each([0, 1])('a handshake version %s is followed by the tokens that belong to it', async (version) => {
  const client = await connect(await startSecure(SASL))
  await handshake(client, 'SCRAM-SHA-256', version)
  const scram = new ScramClient('SCRAM-SHA-256', 'bob', 'bob-pw')
  const send = async (token: string) => {
    if (version === 1) return Buffer.from((await authenticate(client, token)).authBytes).toString()
    client.send(Buffer.from(token))
    return (await client.takeOne()).toString()
  }
  const { message, serverFinal } = scram.final(await send(scram.first))
  expect(await send(message)).toBe(serverFinal)
  expect(await isServed(client)).toBe(true)
})

test('a frame too short for a request waits for the token before it', async () => {
  const broker = await startSecure(SASL)
  const client = await connect(broker)
  await handshake(client, 'SCRAM-SHA-256', 0)
  const scram = new ScramClient('SCRAM-SHA-256', 'bob', 'bob-pw')
  client.send(Buffer.from(scram.first))
  const { message, serverFinal } = scram.final((await client.takeOne()).toString())
  client.send(Buffer.from(message), Buffer.from('x'))
  expect((await client.take(2)).map(String)).toEqual([serverFinal])
  expect(broker.log.filter((line) => line.startsWith('connection closed'))).toEqual([
    expect.stringContaining('a request of 1 bytes'),
  ])
})

test('a raw token that is wrong ends the connection without a word', async () => {
  const broker = await startSecure(SASL)
  const client = await connect(broker)
  await handshake(client, 'PLAIN', 0)
  client.send(Buffer.from(plain('alice', 'wrong')), METADATA)
  expect(await client.take(1)).toEqual([])
  expect(broker.log.filter((line) => line.startsWith('connection closed'))).toHaveLength(1)
})

test.each([
  ['Metadata', METADATA],
  ['SaslAuthenticate', requestFrame(SaslAuthenticate, 0, { authBytes: Buffer.from(plain('alice', CANARY)) })],
  ['an API that nobody knows', Buffer.from('7fff0000', 'hex')],
  ['a raw token', Buffer.from(plain('alice', CANARY))],
  ['GSSAPI', Buffer.from('60820000', 'hex')],
])('%s as the first bytes: the connection is closed', async (_, bytes) => {
  const client = await connect(await startSecure(SASL))
  client.send(bytes)
  expect(await client.take(1)).toEqual([])
})

test('a second ApiVersions before the handshake closes, one after an error does not', async () => {
  const broker = await startSecure(SASL)
  const client = await connect(broker)
  await ask(client, VERSIONS)
  client.send(VERSIONS)
  expect(await client.take(1)).toEqual([])
  const other = await connect(broker)
  const bad = requestFrame(ApiVersions, 3, { clientSoftwareName: '-', clientSoftwareVersion: '1' })
  await ask(other, bad)
  expect(ApiVersions.response.read(await ask(other, VERSIONS), 0).errorCode).toBe(ErrorCode.NONE)
})

test.each(['GSSAPI', 'plain', 'OAUTHBEARER', ''])(
  'mechanism %p is answered with those that there are, then closed',
  async (name) => {
    const client = await connect(await startSecure(SASL))
    const { errorCode, mechanisms } = await handshake(client, name)
    expect(errorCode).toBe(ErrorCode.UNSUPPORTED_SASL_MECHANISM)
    expect(mechanisms).toHaveLength(3)
    await client.closed()
  },
)

test.each([
  ['Metadata', METADATA, (reader: Reader) => Metadata.response.read(reader, 1).brokers.length, 0],
  ['ApiVersions', VERSIONS, (reader: Reader) => ApiVersions.response.read(reader, 0).errorCode, 34],
  [
    'SaslHandshake',
    requestFrame(SaslHandshake, 1, { mechanism: 'PLAIN' }),
    (reader: Reader) => SaslHandshake.response.read(reader, 1).errorCode,
    34,
  ],
])('%s in the middle of a login is answered with 34, then closed', async (_, frame, codeOf, expected) => {
  const client = await connect(await startSecure(SASL))
  await handshake(client, 'PLAIN')
  expect(codeOf(await ask(client, frame))).toBe(expected)
  await client.closed()
})

test.each([
  ['a wrong password', plain('alice', 'wrong'), 'Authentication failed: Invalid username or password'],
  ['another user’s password', plain('bob', CANARY), 'Authentication failed: Invalid username or password'],
  ['a user that there is not', plain('mallory', CANARY), 'Authentication failed: Invalid username or password'],
  ['no user', plain('', CANARY), 'Authentication failed: username not specified'],
  ['no password', plain('alice', ''), 'Authentication failed: password not specified'],
  ['four parts', `${plain('alice', CANARY)}\0`, 'Invalid SASL/PLAIN response: expected 3 tokens, got 4'],
  ['one part', CANARY, 'Invalid SASL/PLAIN response: expected 3 tokens, got 1'],
  [
    'another to act as (CVE-2017-12610)',
    `admin${plain('alice', CANARY)}`,
    'Authentication failed: Client requested an authorization id that is different from username',
  ],
])('PLAIN with %s: 58, and what follows is refused', async (_, token, message) => {
  const client = await connect(await startSecure(SASL))
  await handshake(client, 'PLAIN')
  client.send(requestFrame(SaslAuthenticate, 1, { authBytes: Buffer.from(token) }), METADATA)
  const [frame = Buffer.alloc(4), ...more] = await client.take(2)
  const { errorCode, errorMessage } = SaslAuthenticate.response.read(new Reader(frame, 4), 1)
  expect({ errorCode, errorMessage }).toEqual({
    errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED,
    errorMessage: message,
  })
  expect(more).toEqual([])
})

test('a failed SCRAM proof that the client takes no notice of lets nothing through, nor does PLAIN behind it', async () => {
  const broker = await startSecure(SASL)
  const client = await connect(broker)
  await handshake(client, 'SCRAM-SHA-512')
  const scram = new ScramClient('SCRAM-SHA-512', 'alice', 'wrong')
  const { authBytes } = await authenticate(client, scram.first)
  const { message } = scram.final(Buffer.from(authBytes).toString())
  const again = requestFrame(SaslHandshake, 1, { mechanism: 'PLAIN' })
  const final = requestFrame(SaslAuthenticate, 1, { authBytes: Buffer.from(message) })
  const token = requestFrame(SaslAuthenticate, 1, { authBytes: Buffer.from(plain('alice', CANARY)) })
  client.send(final, METADATA, again, token, METADATA)
  const frames = await client.take(2)
  expect(frames).toHaveLength(1)
  const answer = SaslAuthenticate.response.read(new Reader(frames[0] ?? Buffer.alloc(4), 4), 1)
  expect(answer.errorMessage).toBe(
    'Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512',
  )
})

test('after a login that need not be repeated, handshake and token answer 34 and the connection stays', async () => {
  const client = await connect(await startSecure(SASL))
  await login(client)
  expect(await handshake(client, 'PLAIN')).toMatchObject({ errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] })
  expect((await authenticate(client, plain('alice', CANARY))).errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE)
  expect(await isServed(client)).toBe(true)
})

describe('logging in again', () => {
  const SESSION = { ...SASL, 'connections.max.reauth.ms': '60000' }

  test('the same user goes on, with a new lifetime', async () => {
    const client = await connect(await startSecure(SESSION))
    expect((await login(client)).sessionLifetimeMs).toBe(60_000n)
    expect((await login(client)).sessionLifetimeMs).toBe(60_000n)
    expect(await isServed(client)).toBe(true)
  })

  test('a second time within a second is not let in', async () => {
    const client = await connect(await startSecure(SESSION))
    await login(client)
    await login(client)
    expect((await handshake(client, 'PLAIN')).errorCode).toBe(ErrorCode.ILLEGAL_SASL_STATE)
    expect(await isServed(client)).toBe(true)
  })

  test('another user is refused and closed', async () => {
    const client = await connect(await startSecure(SESSION))
    await login(client)
    const { errorCode, errorMessage } = await login(client, 'bob', 'bob-pw')
    expect(errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
    expect(errorMessage).toContain('Cannot change principals during re-authentication')
    await client.closed()
  })

  test('another mechanism gets an answer to its handshake, and then no more', async () => {
    const client = await connect(await startSecure(SESSION))
    await login(client)
    expect((await handshake(client, 'SCRAM-SHA-256')).errorCode).toBe(ErrorCode.NONE)
    client.send(METADATA)
    expect(await client.take(1)).toEqual([])
  })

  test('a request in the middle of it is refused', async () => {
    const client = await connect(await startSecure(SESSION))
    await login(client)
    await handshake(client, 'PLAIN')
    client.send(VERSIONS)
    await client.closed()
  })
})

async function startWith(clock: ManualClock, settings: Record<string, string>): Promise<SecureBroker> {
  return driven(clock, startSecure(settings, { clock }))
}

test('a session that is over ends at the next request; the millisecond before it is served', async () => {
  const clock = new ManualClock()
  const broker = await startWith(clock, { ...SASL, 'connections.max.reauth.ms': '60000' })
  const client = await connect(broker)
  await login(client)
  const loggedInMs = clock.monotonicMs()
  clock.advance(59_999)
  expect(clock.monotonicMs() - loggedInMs).toBe(59_999)
  expect(await isServed(client)).toBe(true)
  clock.advance(1)
  expect(await isServed(client)).toBe(false)
})

test('whoever does not log in is closed when his time is up', async () => {
  const clock = new ManualClock()
  const broker = await startWith(clock, SASL)
  const [idle, busy] = [await connect(broker), await connect(broker)]
  await login(busy)
  await ask(idle, VERSIONS)
  clock.advance(LOGIN_TIMEOUT_MS + 1000)
  await idle.closed()
  expect(await isServed(busy)).toBe(true)
})

test('who has failed waits for his answer, also when he has nothing more to say', async () => {
  const delayMs = 5000
  const clock = new ManualClock()
  const broker = await startWith(clock, { ...SASL, 'connection.failed.authentication.delay.ms': `${delayMs}` })
  const [client, other] = [await connect(broker), await connect(broker)]
  await handshake(client, 'PLAIN')
  client.send(requestFrame(SaslAuthenticate, 1, { authBytes: Buffer.from(plain('alice', 'wrong')) }))
  client.socket.end()
  let isAnswered = false
  const answer = client.takeOne().then((frame) => {
    isAnswered = true
    return SaslAuthenticate.response.read(new Reader(frame, 4), 1)
  })
  await login(other)
  clock.advance(delayMs - 1)
  for (let count = 0; count < 10; count++) await isServed(other)
  expect(isAnswered).toBe(false)
  clock.advance(1)
  expect((await answer).errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
})

test('of connections that have not logged in, an address has so many and no more', async () => {
  const broker = await startSecure(SASL)
  const clients = await Promise.all(Array.from({ length: LOGINS_PER_IP }, () => connect(broker)))
  await (await connect(broker)).closed()
  const [first] = clients
  if (first === undefined) throw new Error('no client')
  await login(first)
  expect((await login(await connect(broker))).errorCode).toBe(ErrorCode.NONE)
})

test('CVE-2022-34917: before the login a frame may have so many bytes and no more; behind it the usual bound holds', async () => {
  const broker = await startSecure({ ...SASL, 'sasl.server.max.receive.size': '1000' })
  const padded = (bytes: number) => Buffer.concat([VERSIONS, Buffer.alloc(bytes - VERSIONS.length)])
  const client = await connect(broker)
  await ask(client, padded(1000))
  const other = await connect(broker)
  other.send(padded(1001))
  expect(await other.take(1)).toEqual([])
  await login(client)
  await ask(client, padded(100_000))
})

test('CVE-2019-12399: secrets stand in no log line, no DescribeConfigs and no error', async () => {
  const broker = await startSecure({ ...SASL, listeners: `${SASL.listeners},PLAINTEXT://localhost:0` })
  await login(await connect(broker))
  await login(await connect(broker), 'alice', `${CANARY}x`)
  const admin = await plainClient(broker.ports['PLAINTEXT'] ?? 0)
  const resources = [{ resourceType: 4, resourceName: '1', configurationKeys: null }]
  const frame = requestFrame(DescribeConfigs, 4, { resources, includeSynonyms: true, includeDocumentation: true })
  admin.send(frame)
  const shown = (await admin.takeOne()).toString('latin1')
  expect(shown).toContain('sasl.jaas.config')
  const all = shown + broker.log.join('\n')
  expect(all).not.toContain(CANARY)
  expect(all).not.toContain('bob-pw')
})

test('a user that AlterUserScramCredentials makes can log in at once', async () => {
  const broker = await startSecure({ ...SASL, listeners: `${SASL.listeners},PLAINTEXT://localhost:0` })
  const admin = await plainClient(broker.ports['PLAINTEXT'] ?? 0)
  const salt = Buffer.from('salt')
  const { pbkdf2Sync } = await import('node:crypto')
  const saltedPassword = pbkdf2Sync('carol-pw', salt, 8192, 32, 'sha256')
  const upsertions = [{ name: 'carol', mechanism: 1, iterations: 8192, salt, saltedPassword }]
  await ask(admin, requestFrame(AlterUserScramCredentials, 0, { deletions: [], upsertions }))
  const client = await connect(broker)
  await handshake(client, 'SCRAM-SHA-256')
  const scram = new ScramClient('SCRAM-SHA-256', 'carol', 'carol-pw')
  const first = await authenticate(client, scram.first)
  const { message } = scram.final(Buffer.from(first.authBytes).toString())
  expect((await authenticate(client, message)).errorCode).toBe(ErrorCode.NONE)
})

test.each([
  [{ 'sasl.enabled.mechanisms': 'GSSAPI' }, 'has no mechanism that works here'],
  [{ 'sasl.enabled.mechanisms': 'DIGEST-MD5' }, 'DIGEST-MD5 is not one of'],
  [{ 'listener.name.sasl_plaintext.plain.sasl.jaas.config': `x ${CANARY}` }, 'is not of the form'],
  [{ 'odradek.scram.users': CANARY }, 'is not NAME:PASSWORD'],
  [{ 'odradek.plain.users.file': 'nowhere' }, 'there is no such file'],
])('%j is refused at the start, without the secret', async (settings, message) => {
  const starting = startSecure({ ...SASL, ...settings })
  await expect(starting).rejects.toThrow(message)
  await expect(starting).rejects.not.toThrow(CANARY)
})
