import { Kafka, logLevel } from 'kafkajs'
import { startBroker, type TestBroker, type TestBrokerOptions } from './start-broker.ts'

const running: TestBroker[] = []

async function start(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const broker = await startBroker(options)
  running.push(broker)
  return broker
}

afterEach(async () => {
  for (const broker of running.splice(0)) await broker.stop()
})

function client({ bootstrap }: TestBroker): Kafka {
  return new Kafka({ brokers: [...bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 1 } })
}

test('a client finds the topics that were asked for, and reads what it has written', async () => {
  const kafka = client(await start({ topics: { orders: 3, mail: 1 } }))
  const admin = kafka.admin()
  await admin.connect()
  const { topics } = await admin.fetchTopicMetadata({ topics: ['orders', 'mail'] })
  // kafkajs asks, and brokers answer, in no fixed order.
  expect(new Map(topics.map(({ name, partitions }) => [name, partitions.length]))).toEqual(
    new Map([
      ['orders', 3],
      ['mail', 1],
    ]),
  )
  await admin.disconnect()

  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'mail', messages: [{ key: 'k', value: 'v' }] })
  await producer.disconnect()

  const consumer = kafka.consumer({ groupId: 'g' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'mail', fromBeginning: true })
  const received = new Promise<string>((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(`${message.key}=${message.value}`) })
  })
  expect(await received).toBe('k=v')
  await consumer.disconnect()
})

test('several nodes have addresses of their own, and share the partitions', async () => {
  const broker = await start({ brokers: 3, topics: { spread: 6 } })
  expect(new Set(broker.bootstrap).size).toBe(3)
  const admin = client(broker).admin()
  await admin.connect()
  const { topics } = await admin.fetchTopicMetadata({ topics: ['spread'] })
  expect(new Set(topics[0]?.partitions.map(({ leader }) => leader)).size).toBe(3)
  await admin.disconnect()
})

test('two brokers know nothing of each other', async () => {
  const [one, other] = [await start({ topics: { a: 1 } }), await start()]
  expect(one.clusterId).not.toBe(other.clusterId)
  const admin = client(other).admin()
  await admin.connect()
  expect(await admin.listTopics()).toEqual([])
  await admin.disconnect()
})

test('after stop nobody answers; stopping again does no harm', async () => {
  const broker = await start()
  await broker.stop()
  await broker.stop()
  await expect(client(broker).admin().connect()).rejects.toThrow(/ECONNREFUSED|Connection/)
})

test('a setting that cannot be served is named', async () => {
  await expect(startBroker({ settings: { 'num.partitions': 'many' } })).rejects.toThrow(/num\.partitions/)
  await expect(startBroker({ topics: { a: 0 } })).rejects.toThrow('a:0')
})
