import { type Logger, SeededPrng, SystemClock } from '@odradek/core'
import { MemoryFs } from '@odradek/log'
import { Kafka, logLevel } from 'kafkajs'
import { type Broker, createBroker } from './broker.ts'
import { resolveBrokerConfig } from './config/resolve-broker-config.ts'

const GIBIBYTE = 1_073_741_824

const brokers: Broker[] = []

afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.stop()
})

interface Made {
  readonly broker: Broker
  readonly log: string[]
}

function make(entries: Record<string, string> = {}, fs = new MemoryFs()): Made {
  const log: string[] = []
  const write = (message: string, fields: object = {}) => log.push(`${message} ${Object.values(fields).join(' ')}`)
  const logger: Logger = { debug() {}, info() {}, warn: write, error: write }
  const given = new Map(Object.entries({ listeners: 'PLAINTEXT://:0', 'log.dirs': 'data', ...entries }))
  const broker = createBroker({
    config: resolveBrokerConfig(given, GIBIBYTE),
    fs,
    clock: new SystemClock(),
    prng: new SeededPrng(Date.now()),
    logger,
    softwareVersion: '0.0.0',
  })
  brokers.push(broker)
  return { broker, log }
}

function kafka(ports: readonly (number | undefined)[]): Kafka {
  return new Kafka({ brokers: ports.map((port) => `localhost:${port}`), logLevel: logLevel.NOTHING })
}

test('a stock client creates a topic, produces, consumes in a group and finds all again after a restart', async () => {
  const fs = new MemoryFs()
  const first = make({}, fs)
  const started = await first.broker.start()
  const client = kafka([started.nodes[0]?.listeners[0]?.port])
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 3 }] })
  await admin.disconnect()
  const producer = client.producer()
  await producer.connect()
  await producer.send({
    topic: 'orders',
    messages: Array.from({ length: 30 }, (_, index) => ({ key: String(index), value: `value ${index}` })),
  })
  await producer.disconnect()
  expect(await consumed(client, 30)).toHaveLength(30)
  await first.broker.stop()

  const second = make({}, fs)
  const restarted = await second.broker.start()
  expect(restarted.clusterId).toBe(started.clusterId)
  const later = kafka([restarted.nodes[0]?.listeners[0]?.port])
  const again = await consumed(later, 30, 'another-group')
  expect([...again].sort()).toEqual(Array.from({ length: 30 }, (_, index) => `value ${index}`).sort())
  expect([...first.log, ...second.log]).toEqual([])
})

async function consumed(client: Kafka, count: number, groupId = 'group'): Promise<string[]> {
  const values: string[] = []
  const consumer = client.consumer({ groupId })
  await consumer.connect()
  await consumer.subscribe({ topic: 'orders', fromBeginning: true })
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        values.push(String(message.value))
        if (values.length === count) resolve()
      },
    })
  })
  await consumer.disconnect()
  return values
}

test('three nodes have three ports, and one metadata names them all', async () => {
  const { broker } = make({ 'odradek.brokers': '3', 'odradek.ephemeral': 'true', 'odradek.topics': 'spread:6' })
  const { nodes } = await broker.start()
  expect(nodes.map(({ id }) => id)).toEqual([1, 2, 3])
  const ports = nodes.map(({ listeners }) => listeners[0]?.port)
  expect(new Set(ports).size).toBe(3)
  const admin = kafka([ports[2]]).admin()
  await admin.connect()
  const cluster = await admin.describeCluster()
  expect(cluster.brokers.map(({ nodeId, port }) => [nodeId, port]).sort()).toEqual(
    ports.map((port, index) => [index + 1, port]),
  )
  const { topics } = await admin.fetchTopicMetadata({ topics: ['spread'] })
  const leaders = topics[0]?.partitions.map(({ leader }) => leader) ?? []
  expect(leaders.length).toBe(6)
  expect(new Set(leaders).size).toBe(3)
  await admin.disconnect()
})

test('a port in use is said before the data directory is touched', async () => {
  const { nodes } = await make().broker.start()
  const port = nodes[0]?.listeners[0]?.port ?? 0
  const fs = new MemoryFs()
  await expect(make({ listeners: `PLAINTEXT://:${port}` }, fs).broker.start()).rejects.toThrow('the port is in use')
  expect(fs.readdirSync('data')).toEqual([])
})

test('a second broker on the same data directory is refused, and leaves its port free', async () => {
  const fs = new MemoryFs()
  await make({}, fs).broker.start()
  await expect(make({}, fs).broker.start()).rejects.toThrow('data')
})

test('stopping twice, or without a start, does no harm', async () => {
  const { broker } = make()
  await broker.stop()
  const other = make()
  await other.broker.start()
  await Promise.all([other.broker.stop(), other.broker.stop()])
})
