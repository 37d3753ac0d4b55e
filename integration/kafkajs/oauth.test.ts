import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import { startBroker, type TestBroker } from '@odradek/testing'
import kafkajs from 'kafkajs'
import { readAll } from './client.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const keys = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256' }] })
const server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(keys))

let broker: TestBroker

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  broker = await startBroker({
    topics: { orders: 1 },
    settings: {
      listeners: 'SASL_PLAINTEXT://localhost:0',
      'sasl.enabled.mechanisms': 'OAUTHBEARER',
      'sasl.oauthbearer.jwks.endpoint.url': `http://127.0.0.1:${port}/keys`,
      'sasl.oauthbearer.expected.issuer': 'issuer',
      'sasl.oauthbearer.expected.audience': 'odradek',
    },
  })
})
afterAll(async () => {
  await broker.stop()
  server.close()
  server.closeAllConnections()
})

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

function token(lifetimeSeconds: number, key: KeyObject = privateKey): string {
  const seconds = Math.floor(Date.now() / 1000)
  const claims = { sub: 'alice', iss: 'issuer', aud: 'odradek', iat: seconds, exp: seconds + lifetimeSeconds }
  const signed = `${encode({ alg: 'RS256', kid: 'k' })}.${encode(claims)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`
}

function client(value: () => string): kafkajs.Kafka {
  return new kafkajs.Kafka({
    brokers: [...broker.bootstrap],
    sasl: { mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.resolve({ value: value() }) },
    logLevel: 0,
    retry: { initialRetryTime: 10, retries: 1 },
  })
}

test('kafkajs with a token', async () => {
  const kafka = client(() => token(600))
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'a' }] })
  await producer.disconnect()
  expect((await readAll(kafka, 'orders', 1)).map(({ value }) => value)).toEqual(['a'])
})

test('kafkajs with a token that has run out, or that another has signed, does not get in', async () => {
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  for (const value of [token(-60), token(600, foreign)]) {
    const admin = client(() => value).admin()
    // It takes the refusal, a message as RFC 7628 has it, for a welcome; what it asks then is not served.
    await expect(admin.connect().then(() => admin.listTopics())).rejects.toThrow()
    await admin.disconnect()
  }
})
