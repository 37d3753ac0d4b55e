import { ManualClock } from '@odradek/core'
import { ErrorCode, Metadata, SaslAuthenticate, SaslHandshake } from '@odradek/protocol'
import { Reader } from '@odradek/protocol/wire'
import { UnsecuredJWT } from 'jose'
import { requestFrame } from '../../harness.ts'
import type { RawSocketClient } from '../../raw-socket-client.ts'
import { driven, plainClient, startSecure, stopSecure } from '../secure-broker-fixture.ts'

const SETTINGS = {
  listeners: 'SASL_PLAINTEXT://localhost:0',
  'sasl.enabled.mechanisms': 'OAUTHBEARER',
  'odradek.oauthbearer.unsecured': 'true',
  'sasl.oauthbearer.allow.unverified.audience': 'true',
  'sasl.oauthbearer.allow.unverified.issuer': 'true',
  'connection.failed.authentication.delay.ms': '0',
}
const METADATA = requestFrame(Metadata, 1, { topics: [] })
const SEPARATOR = '\u0001'

let clock: ManualClock
let client: RawSocketClient

beforeEach(async () => {
  clock = new ManualClock()
  const { ports } = await driven(clock, startSecure(SETTINGS, { clock }), 0)
  client = await plainClient(ports['SASL_PLAINTEXT'] ?? 0)
})
afterEach(() => driven(clock, stopSecure(), 0))

async function ask(frame: Buffer): Promise<Reader> {
  client.send(frame)
  return new Reader(await driven(clock, client.takeOne(), 0), 4)
}

async function handshake() {
  return SaslHandshake.response.read(await ask(requestFrame(SaslHandshake, 1, { mechanism: 'OAUTHBEARER' })), 1)
}

async function authenticate(sub: string, lifetimeSeconds: number) {
  const nowSeconds = Math.floor(clock.wallMs() / 1000)
  const token = new UnsecuredJWT({ sub, iat: nowSeconds, exp: nowSeconds + lifetimeSeconds }).encode()
  const authBytes = Buffer.from(`n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${SEPARATOR}`)
  return SaslAuthenticate.response.read(await ask(requestFrame(SaslAuthenticate, 1, { authBytes })), 1)
}

async function login(sub: string, lifetimeSeconds: number) {
  await handshake()
  return authenticate(sub, lifetimeSeconds)
}

async function isServed(): Promise<boolean> {
  client.send(METADATA)
  return (await driven(clock, client.take(1), 0)).length === 1
}

test('a session lasts as long as its token, and another one makes it last as long as that', async () => {
  const first = await login('alice', 60)
  expect(first).toMatchObject({ errorCode: ErrorCode.NONE })
  const startMs = clock.wallMs()
  const endMs = startMs + Number(first.sessionLifetimeMs)
  clock.advance(endMs - startMs - 1)
  expect(await isServed()).toBe(true)
  const second = await login('alice', 600)
  expect(second).toMatchObject({ errorCode: ErrorCode.NONE })
  expect(Number(second.sessionLifetimeMs)).toBeGreaterThan(500_000)
  clock.advance(Number(second.sessionLifetimeMs) - 1)
  expect(await isServed()).toBe(true)
  clock.advance(1)
  expect(await isServed()).toBe(false)
})

test('who is late by a millisecond may still log in again, but nothing else', async () => {
  const { sessionLifetimeMs } = await login('alice', 60)
  clock.advance(Number(sessionLifetimeMs))
  expect((await login('alice', 60)).errorCode).toBe(ErrorCode.NONE)
  expect(await isServed()).toBe(true)
})

test('a token that has run out does not make it longer, and ends the connection', async () => {
  await login('alice', 60)
  clock.advance(2000)
  await handshake()
  // An error has a message of its own first (RFC 7628), which the client takes note of.
  const refusal = await authenticate('alice', -120)
  expect(Buffer.from(refusal.authBytes).toString()).toContain('invalid_token')
  client.send(requestFrame(SaslAuthenticate, 1, { authBytes: Buffer.from(SEPARATOR) }), METADATA)
  const answers = await driven(clock, client.take(2), 0)
  expect(answers).toHaveLength(1)
})

test('a token of another does not change who it is', async () => {
  await login('alice', 60)
  clock.advance(2000)
  const { errorCode, errorMessage } = await login('bob', 60)
  expect(errorCode).toBe(ErrorCode.SASL_AUTHENTICATION_FAILED)
  expect(errorMessage).toContain('Cannot change principals during re-authentication')
})
