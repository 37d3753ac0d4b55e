import { createServer } from 'node:http'
import { startBroker, type TestBroker } from '@odradek/testing'
import kafkajs from 'kafkajs'
import { TokenIssuer } from '../harness/signed-token.ts'
import { readAll } from './client.ts'

const issuer = new TokenIssuer()
const server = createServer((_request, response) =>
  response.setHeader('content-type', 'application/json').end(issuer.keySet),
)

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
      'sasl.oauthbearer.expected.issuer': issuer.issuer,
      'sasl.oauthbearer.expected.audience': issuer.audience,
    },
  })
})
afterAll(async () => {
  await broker.stop()
  server.close()
  server.closeAllConnections()
})

function client(value: () => string, reauthenticationThreshold = 100): kafkajs.Kafka {
  return new kafkajs.Kafka({
    reauthenticationThreshold,
    brokers: [...broker.bootstrap],
    sasl: { mechanism: 'oauthbearer', oauthBearerProvider: () => Promise.resolve({ value: value() }) },
    logLevel: 0,
    retry: { initialRetryTime: 10, retries: 1 },
  })
}

test('kafkajs with a token', async () => {
  const kafka = client(() => issuer.token(600))
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'a' }] })
  await producer.disconnect()
  expect((await readAll(kafka, 'orders', 1)).map(({ value }) => value)).toEqual(['a'])
})

test('kafkajs with a token that has run out, or that another has signed, does not get in', async () => {
  for (const value of [issuer.token(-60), new TokenIssuer().token(600)]) {
    const admin = client(() => value).admin()
    // It takes the refusal, a message as RFC 7628 has it, for a welcome; what it asks then is not served.
    await expect(admin.connect().then(() => admin.listTopics())).rejects.toThrow()
    await admin.disconnect()
  }
})

test('kafkajs comes with a new token before the old one has run out while it produces, on the same connection', async () => {
  const lifetimeSeconds = 4
  let tokens = 0
  const kafka = client(() => {
    tokens += 1
    return issuer.token(lifetimeSeconds)
  }, 1500)
  const producer = kafka.producer()
  const logins: { readonly broker: string; readonly correlationId: number }[] = []
  let connections = 0
  producer.on(producer.events.REQUEST, ({ payload: { apiName, broker, correlationId } }) => {
    if (apiName === 'SaslHandshake') logins.push({ broker, correlationId })
    if (apiName === 'ApiVersions') connections += 1
  })
  await producer.connect()
  const topic = 'renewed'
  let sent = 0
  const begunMs = performance.now()
  const isPastFirstToken = () => performance.now() - begunMs > lifetimeSeconds * 1000
  for (; logins.length < 4 || !isPastFirstToken(); sent++)
    await producer.send({ topic, messages: [{ value: String(sent) }] })
  await producer.disconnect()
  const reader = client(() => issuer.token(600))
  const seen = (await readAll(reader, topic, sent)).map(({ value }) => Number(value))
  expect(seen).toEqual(Array.from({ length: sent }, (_, index) => index))
  expect(tokens).toBeGreaterThanOrEqual(logins.length)
  // Each connection begins with its versions; all further logins are on one that is there.
  expect(logins.length).toBeGreaterThan(connections)
})
