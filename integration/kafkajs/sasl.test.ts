import { TestAuthority } from '@odradek/broker/certificates-fixture'
import { startBroker, type TestBroker } from '@odradek/testing'
import kafkajs, { type SASLOptions } from 'kafkajs'
import { readAll } from './client.ts'

const USERS = 'user_alice="alice-pw" user_bob="bob-pw"'
const brokers: TestBroker[] = []
const authority = new TestAuthority()

afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.stop()
})
afterAll(() => authority.dispose())

async function start(settings: Record<string, string> = {}, protocol = 'SASL_PLAINTEXT'): Promise<TestBroker> {
  const own = authority.issue('/CN=broker')
  const broker = await startBroker({
    topics: { orders: 1 },
    settings: {
      listeners: `${protocol}://localhost:0`,
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      [`listener.name.${protocol.toLowerCase()}.plain.sasl.jaas.config`]: `org.apache.kafka.common.security.plain.PlainLoginModule required ${USERS};`,
      'odradek.scram.users': 'alice:alice-pw,bob:bob-pw',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': own.key,
      'ssl.keystore.certificate.chain': own.certificate,
      ...settings,
    },
  })
  brokers.push(broker)
  return broker
}

function client({ bootstrap }: TestBroker, sasl: SASLOptions, ssl?: { ca: string }, reauthenticationThreshold = 100) {
  const retry = { initialRetryTime: 10, retries: 2 }
  const common = { brokers: [...bootstrap], sasl, logLevel: 0, retry, reauthenticationThreshold }
  return new kafkajs.Kafka(ssl === undefined ? common : { ...common, ssl })
}

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const
const alice = (mechanism: (typeof MECHANISMS)[number], password = 'alice-pw'): SASLOptions =>
  ({ mechanism, username: 'alice', password }) as SASLOptions

async function roundTrip(kafka: kafkajs.Kafka): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'a' }, { value: 'b' }] })
  await producer.disconnect()
  expect((await readAll(kafka, 'orders', 2)).map(({ value }) => value)).toEqual(['a', 'b'])
}

test.each(MECHANISMS)('kafkajs logs in by %s, and not with a wrong password', async (mechanism) => {
  const broker = await start()
  await roundTrip(client(broker, alice(mechanism)))
  await expect(client(broker, alice(mechanism, 'wrong')).admin().connect()).rejects.toThrow(
    /authentication|credentials/i,
  )
})

test('kafkajs logs in over TLS', async () => {
  const broker = await start({}, 'SASL_SSL')
  await roundTrip(client(broker, alice('scram-sha-512'), { ca: authority.ca.certificate }))
})

test('kafkajs logs in again and again while it produces, on the same connection', async () => {
  const broker = await start({ 'connections.max.reauth.ms': '1500' })
  const kafka = client(broker, alice('scram-sha-256'), undefined, 300)
  const producer = kafka.producer()
  const handshakes: number[] = []
  producer.on(producer.events.REQUEST, ({ payload }) => {
    if (payload.apiName === 'SaslHandshake') handshakes.push(payload.correlationId)
  })
  await producer.connect()
  let sent = 0
  for (; handshakes.length < 4; sent++) await producer.send({ topic: 'orders', messages: [{ value: String(sent) }] })
  await producer.disconnect()
  expect((await readAll(kafka, 'orders', sent)).map(({ value }) => Number(value))).toEqual(
    Array.from({ length: sent }, (_, index) => index),
  )
  // A connection of its own would count from the beginning.
  expect(handshakes).toEqual([...new Set(handshakes)].sort((a, b) => a - b))
})
