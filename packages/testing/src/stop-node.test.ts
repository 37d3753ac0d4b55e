import { Kafka, logLevel } from 'kafkajs'
import { startBroker, type TestBroker } from './start-broker.ts'
import { until } from './until-fixture.ts'

let broker: TestBroker
let kafka: Kafka

/** Every partition, and all that groups commit, has a replica on each of the three nodes. */
beforeEach(async () => {
  const settings = { 'default.replication.factor': '3', 'offsets.topic.num.partitions': '6' }
  broker = await startBroker({ brokers: 3, topics: { t: 6 }, settings })
  const retry = { initialRetryTime: 20, maxRetryTime: 200, retries: 30 }
  kafka = new Kafka({ brokers: [...broker.bootstrap], logLevel: logLevel.NOTHING, retry })
})

afterEach(async () => {
  await broker.stop()
})

/** Replicas in sync and leader, by partition; what node is down is offline. */
async function partitions() {
  const admin = kafka.admin()
  await admin.connect()
  const { topics } = await admin.fetchTopicMetadata({ topics: ['t'] })
  const { brokers } = await admin.describeCluster()
  await admin.disconnect()
  const rows = topics[0]?.partitions ?? []
  return {
    nodes: brokers.map(({ nodeId }) => nodeId).sort(),
    inSync: new Set(rows.flatMap(({ isr }) => isr.length)),
    leaders: new Set(rows.map(({ leader }) => leader)),
    offline: new Set(rows.flatMap(({ offlineReplicas }) => offlineReplicas ?? [])),
  }
}

test('a stopped node is offline to clients, others lead, and it is in sync again when it is back', async () => {
  await broker.stopNode(2)
  await broker.stopNode(2)
  expect(await partitions()).toEqual({
    ...{ nodes: [1, 3], inSync: new Set([2]), leaders: new Set([1, 3]), offline: new Set([2]) },
  })
  await broker.startNode(2)
  await broker.startNode(2)
  const back = await partitions()
  expect(back).toMatchObject({ nodes: [1, 2, 3], inSync: new Set([3]), offline: new Set() })
  expect(back.leaders).not.toContain(2)
})

test('its ports are closed, and the same when it is back', async () => {
  const alone = new Kafka({ brokers: [broker.bootstrap[1] ?? ''], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  await broker.stopNode(2)
  await expect(alone.admin().connect()).rejects.toThrow(/ECONNREFUSED|Connection/)
  await broker.startNode(2)
  const admin = alone.admin()
  await admin.connect()
  expect((await admin.describeCluster()).brokers).toHaveLength(3)
  await admin.disconnect()
})

test('a node that is not there is named, with those that are', async () => {
  await expect(broker.stopNode(7)).rejects.toThrow('there is no node 7; there are 1, 2, 3')
  await expect(broker.startNode(7)).rejects.toThrow('there is no node 7')
})

test('all may be down, and nothing is lost by it', async () => {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 't', messages: [{ value: 'before' }] })
  for (const id of [1, 2, 3]) await broker.stopNode(id)
  const sent = producer.send({ topic: 't', messages: [{ value: 'after' }] })
  for (const id of [3, 2, 1]) await broker.startNode(id)
  await sent
  await producer.disconnect()
  expect((await partitions()).inSync).toEqual(new Set([3]))
})

/** Each value of the topic once for each time that it is in the log. */
async function valuesInLog(count: number): Promise<readonly string[]> {
  const values: string[] = []
  const consumer = kafka.consumer({ groupId: 'auditor' })
  await consumer.connect()
  await consumer.subscribe({ topic: 't', fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => void values.push(String(message.value)) })
  await until('the whole log is read', () => values.length >= count)
  await consumer.disconnect()
  return values
}

test('nodes are restarted one after the other under load: nothing is lost, and nothing is there twice', async () => {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const consumer = kafka.consumer({ groupId: 'g', sessionTimeout: 6000, heartbeatInterval: 200 })
  const seen = new Set<string>()
  await consumer.connect()
  await consumer.subscribe({ topic: 't', fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => void seen.add(String(message.value)) })
  let acknowledged = 0
  let isDone = false
  const load = (async () => {
    while (!isDone) {
      await producer.send({ topic: 't', acks: -1, messages: [{ value: String(acknowledged) }] })
      acknowledged++
    }
  })()
  const more = async (count: number) => {
    const from = acknowledged
    await until(`${count} more are acknowledged`, () => acknowledged >= from + count)
    const expected = String(from)
    await until('the group reads on', () => seen.has(expected))
  }
  await more(20)
  for (const id of [1, 2, 3]) {
    await broker.stopNode(id)
    await more(20)
    await broker.startNode(id)
    await more(20)
  }
  isDone = true
  await load
  await until('the group has read all', () => seen.size === acknowledged)
  await consumer.disconnect()
  await producer.disconnect()
  const values = await valuesInLog(acknowledged)
  expect([...values].sort()).toEqual(Array.from({ length: acknowledged }, (_, index) => String(index)).sort())
}, 120_000)
