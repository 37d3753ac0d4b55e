import kafkajs, { type Kafka } from 'kafkajs'
import { BrokerProcess } from '../harness/broker-process.ts'
import { until } from '../harness/until.ts'
import { clientOf, readAll, runConsumer } from './client.ts'

describe('--brokers 3', () => {
  let broker: BrokerProcess
  let kafka: Kafka

  beforeAll(async () => {
    broker = await BrokerProcess.start({ brokers: 3 })
    kafka = clientOf(broker.bootstrap.slice(0, 1))
  })
  afterAll(() => broker.dispose())

  test('a client finds all three nodes from one, leaders are spread, replicas and ISR are full', async () => {
    const admin = kafka.admin()
    await admin.connect()
    const { brokers } = await admin.describeCluster()
    expect(brokers.map(({ nodeId }) => nodeId).sort()).toEqual([1, 2, 3])
    expect(new Set(brokers.map(({ port }) => port)).size).toBe(3)
    await admin.createTopics({ topics: [{ topic: 'spread', numPartitions: 6, replicationFactor: 3 }] })
    const { topics } = await admin.fetchTopicMetadata({ topics: ['spread'] })
    const partitions = topics[0]?.partitions ?? []
    for (const node of [1, 2, 3]) expect(partitions.filter(({ leader }) => leader === node)).toHaveLength(2)
    for (const { replicas, isr } of partitions) {
      expect([...replicas].sort()).toEqual([1, 2, 3])
      expect([...isr].sort()).toEqual([1, 2, 3])
    }
    await expect(admin.createTopics({ topics: [{ topic: 'four', replicationFactor: 4 }] })).rejects.toMatchObject({
      errors: [{ type: 'INVALID_REPLICATION_FACTOR' }],
    })
    await admin.disconnect()
  })

  test('produce and consume through every leader, in groups whose coordinators sit on different nodes', async () => {
    const producer = kafka.producer({ idempotent: true, createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await producer.connect()
    await producer.send({
      topic: 'spread',
      acks: -1,
      messages: Array.from({ length: 60 }, (_, index) => ({ value: String(index), partition: index % 6 })),
    })
    await producer.disconnect()
    const readers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => runConsumer(kafka, { groupId: `group-${index}` }, ['spread'])),
    )
    await until('60 messages in each of six groups', () => readers.every(({ messages }) => messages.length === 60))
    const admin = kafka.admin()
    await admin.connect()
    const { groups } = await admin.listGroups()
    for (let index = 0; index < 6; index++) expect(groups.map(({ groupId }) => groupId)).toContain(`group-${index}`)
    await admin.disconnect()
    await Promise.all(readers.map((reader) => reader.stop()))
  })

  test('a restart keeps it all', async () => {
    await broker.restart('kill')
    expect((await readAll(clientOf(broker.bootstrap), 'spread', 60)).length).toBe(60)
  })
})
