import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { BrokerProcess } from '../harness/broker-process.ts'
import { until } from '../harness/until.ts'
import { clientOf, runConsumer } from './client.ts'

const { ConfigResourceTypes } = kafkajs

describe('the stock kafkajs admin client', () => {
  let broker: BrokerProcess
  let kafka: Kafka
  let admin: Admin

  beforeAll(async () => {
    broker = await BrokerProcess.start()
    kafka = clientOf(broker.bootstrap)
    admin = kafka.admin({ retry: { retries: 0 } })
    await admin.connect()
  })
  afterAll(async () => {
    await admin.disconnect()
    await broker.dispose()
  })

  test('creates, lists, describes, extends and deletes topics', async () => {
    const topics = [
      { topic: 'made', numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '3600000' }] },
      {
        topic: 'assigned',
        replicaAssignment: [
          { partition: 0, replicas: [1] },
          { partition: 1, replicas: [1] },
        ],
      },
      { topic: 'defaults' },
    ]
    expect(await admin.createTopics({ topics, waitForLeaders: true })).toBe(true)
    expect(await admin.createTopics({ topics })).toBe(false)
    expect(
      await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics: [{ topic: 'not-made' }] }),
    ).toBe(true)
    expect((await admin.listTopics()).filter((name) => !name.startsWith('__')).sort()).toEqual([
      'assigned',
      'defaults',
      'made',
    ])
    const { topics: described } = await admin.fetchTopicMetadata({ topics: ['made'] })
    expect(
      described[0]?.partitions.map(({ partitionId, leader, replicas, isr }) => ({
        partitionId,
        leader,
        replicas,
        isr,
      })),
    ).toEqual([0, 1, 2].map((partitionId) => ({ partitionId, leader: 1, replicas: [1], isr: [1] })))
    await admin.createPartitions({ topicPartitions: [{ topic: 'made', count: 5 }] })
    expect((await admin.fetchTopicMetadata({ topics: ['made'] })).topics[0]?.partitions).toHaveLength(5)
    await expect(admin.createPartitions({ topicPartitions: [{ topic: 'made', count: 2 }] })).rejects.toMatchObject({
      type: 'INVALID_PARTITIONS',
    })
    await admin.deleteTopics({ topics: ['made', 'assigned', 'defaults'] })
    expect((await admin.listTopics()).filter((name) => !name.startsWith('__'))).toEqual([])
    await expect(admin.deleteTopics({ topics: ['made'] })).rejects.toThrow('does not host this topic-partition')
  })

  test('a re-created topic is empty', async () => {
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await producer.connect()
    await admin.createTopics({ topics: [{ topic: 'again' }] })
    await producer.send({ topic: 'again', messages: [{ value: 'old' }] })
    await admin.deleteTopics({ topics: ['again'] })
    await admin.createTopics({ topics: [{ topic: 'again' }] })
    const [ack] = await producer.send({ topic: 'again', messages: [{ value: 'new' }] })
    expect(ack?.baseOffset).toBe('0')
    await producer.disconnect()
  })

  test.each([
    ['a name with a space', { topic: 'a b' }, 'INVALID_TOPIC_EXCEPTION'],
    ['more replicas than nodes', { topic: 'replicas', replicationFactor: 2 }, 'INVALID_REPLICATION_FACTOR'],
    ['no partitions', { topic: 'none', numPartitions: 0 }, 'INVALID_PARTITIONS'],
    ['an unknown config', { topic: 'config', configEntries: [{ name: 'no.such', value: '1' }] }, 'INVALID_CONFIG'],
    ['a bad value', { topic: 'value', configEntries: [{ name: 'retention.ms', value: 'soon' }] }, 'INVALID_CONFIG'],
  ])('refuses %s', async (_what, topic, type) => {
    const failure = await admin
      .createTopics({ topics: [topic] })
      .catch((error: { errors?: { type: string }[] }) => error)
    expect(failure).toMatchObject({ errors: [{ type }] })
  })

  test('describes and alters the configs of a topic and of the broker', async () => {
    await admin.createTopics({
      topics: [{ topic: 'configured', configEntries: [{ name: 'cleanup.policy', value: 'compact' }] }],
    })
    const describe = async (type: number, name: string, configNames?: string[]) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: true,
        resources: [{ type, name, ...(configNames === undefined ? {} : { configNames }) }],
      })
      return new Map(resources[0]?.configEntries.map((entry) => [entry.configName, entry]))
    }
    const made = await describe(ConfigResourceTypes.TOPIC, 'configured')
    expect(made.get('cleanup.policy')).toMatchObject({ configValue: 'compact', configSource: 1, isDefault: false })
    expect(made.get('retention.ms')).toMatchObject({ configValue: '604800000', configSource: 5 })
    await admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: 'configured',
          configEntries: [{ name: 'retention.ms', value: '1000' }],
        },
      ],
    })
    const altered = await describe(ConfigResourceTypes.TOPIC, 'configured', ['cleanup.policy', 'retention.ms'])
    expect([...altered].map(([name, entry]) => [name, entry.configValue, entry.configSource]).sort()).toEqual([
      ['cleanup.policy', 'delete', 5],
      ['retention.ms', '1000', 1],
    ])
    const ofBroker = await describe(ConfigResourceTypes.BROKER, '1', ['num.partitions', 'log.retention.ms'])
    expect(ofBroker.get('num.partitions')?.configValue).toBe('1')
  })

  test('shows the cluster', async () => {
    const { brokers, controller, clusterId } = await admin.describeCluster()
    const [host, port] = broker.bootstrap[0]?.split(':') ?? []
    expect(brokers).toEqual([{ nodeId: 1, host: 'localhost', port: Number(port) }])
    expect(['localhost', '127.0.0.1']).toContain(host)
    expect(controller).toBe(1)
    expect(clusterId).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  test('lists, describes and deletes groups, sets and resets their offsets', async () => {
    await admin.createTopics({ topics: [{ topic: 'grouped', numPartitions: 2 }] })
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await producer.connect()
    await producer.send({ topic: 'grouped', messages: [0, 1, 0, 1].map((partition) => ({ partition, value: 'x' })) })
    await producer.disconnect()
    const reader = await runConsumer(kafka, { groupId: 'watched' }, ['grouped'])
    await until('all four', () => reader.messages.length === 4)
    const { groups } = await admin.listGroups()
    expect(groups).toContainEqual({ groupId: 'watched', protocolType: 'consumer' })
    const described = await admin.describeGroups(['watched', 'nobody'])
    expect(described.groups.find(({ groupId }) => groupId === 'watched')).toMatchObject({
      state: 'Stable',
      protocol: 'RoundRobinAssigner',
      protocolType: 'consumer',
      members: [
        expect.objectContaining({
          clientId: 'kafkajs-it',
          clientHost: expect.stringMatching(/^\/(127\.0\.0\.1|.*::1|0:0:0:0:0:0:0:1|::ffff:127\.0\.0\.1)$/),
        }),
      ],
    })
    expect(described.groups.find(({ groupId }) => groupId === 'nobody')).toMatchObject({
      state: 'Dead',
      errorCode: 0,
      members: [],
    })
    await expect(admin.deleteGroups(['watched'])).rejects.toMatchObject({
      groups: [expect.objectContaining({ errorCode: 68 })],
    })
    await reader.stop()
    await admin.setOffsets({ groupId: 'watched', topic: 'grouped', partitions: [{ partition: 0, offset: '1' }] })
    const committed = async (): Promise<string[]> =>
      (await admin.fetchOffsets({ groupId: 'watched', topics: ['grouped'] }))[0]?.partitions
        .sort((a, b) => a.partition - b.partition)
        .map(({ offset }) => offset) ?? []
    expect(await committed()).toEqual(['1', '2'])
    await admin.resetOffsets({ groupId: 'watched', topic: 'grouped', earliest: true })
    expect(await committed()).toEqual(['-2', '-2'])
    expect(await admin.deleteGroups(['watched'])).toEqual([
      expect.objectContaining({ groupId: 'watched', errorCode: 0 }),
    ])
    await expect(admin.deleteGroups(['watched'])).rejects.toMatchObject({
      groups: [expect.objectContaining({ errorCode: 69 })],
    })
  })
})
