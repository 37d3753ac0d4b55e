import { TestAuthority } from '@odradek/broker/certificates-fixture'
import { startBroker, type TestBroker } from '@odradek/testing'
import kafkajs, { type KafkaConfig } from 'kafkajs'
import { readAll } from './client.ts'

const authority = new TestAuthority()
const brokers: TestBroker[] = []

afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.stop()
})
afterAll(() => authority.dispose())

async function start(settings: Record<string, string> = {}): Promise<TestBroker> {
  const own = authority.issue('/CN=broker')
  const broker = await startBroker({
    topics: { orders: 1 },
    settings: {
      listeners: 'SSL://localhost:0',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': own.key,
      'ssl.keystore.certificate.chain': own.certificate,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': authority.ca.certificate,
      ...settings,
    },
  })
  brokers.push(broker)
  return broker
}

function client({ bootstrap }: TestBroker, ssl: KafkaConfig['ssl']): kafkajs.Kafka {
  const retry = { initialRetryTime: 10, retries: 1 }
  return new kafkajs.Kafka({ brokers: [...bootstrap], ...(ssl === undefined ? {} : { ssl }), logLevel: 0, retry })
}

async function roundTrip(kafka: kafkajs.Kafka): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: 100 }, (_, index) => ({ value: `${index}`.padEnd(10_000, '.') }))
  await producer.send({ topic: 'orders', messages })
  await producer.disconnect()
  const seen = await readAll(kafka, 'orders', 100)
  expect(seen.map(({ value }) => value)).toEqual(messages.map(({ value }) => value))
}

test('kafkajs over TLS', async () => {
  const broker = await start()
  await roundTrip(client(broker, { ca: authority.ca.certificate }))
})

test('kafkajs with a certificate of its own', async () => {
  const broker = await start({ 'ssl.client.auth': 'required' })
  const alice = authority.issue('/CN=alice')
  await roundTrip(client(broker, { ca: authority.ca.certificate, key: alice.key, cert: alice.certificate }))
})

test('kafkajs without the certificate that it must have, or in clear text, does not get in', async () => {
  const broker = await start({ 'ssl.client.auth': 'required' })
  const settings = [{ ca: authority.ca.certificate }, undefined]
  for (const ssl of settings) await expect(client(broker, ssl).admin().connect()).rejects.toThrow()
})
