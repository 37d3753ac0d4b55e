import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { until } from '../../harness/until.ts'
import { clientOf, runConsumer } from '../../kafkajs/client.ts'
import { ALL_CODECS, registerCodecs } from '../../kafkajs/codecs.ts'

const { ConfigResourceTypes, Partitioners } = kafkajs
const TOPIC = 'talk'
const COMPACTED = 'talk-compacted'
const GROUP = 'talkers'

async function administer(admin: Admin): Promise<void> {
  await admin.createTopics({
    waitForLeaders: false,
    topics: [
      { topic: TOPIC, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '3600000' }] },
      { topic: COMPACTED, numPartitions: 1, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] },
    ],
  })
  await until('the topics are led', async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [TOPIC, COMPACTED] })
    return topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0))
  })
  await admin.createPartitions({ topicPartitions: [{ topic: TOPIC, count: 3 }] })
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      { type: ConfigResourceTypes.TOPIC, name: TOPIC, configEntries: [{ name: 'segment.ms', value: '7200000' }] },
    ],
  })
  await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: TOPIC, configNames: ['segment.ms', 'retention.ms'] }],
  })
  await admin.describeCluster()
}

async function produce(kafka: Kafka): Promise<void> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  for (const [name, compression] of ALL_CODECS) {
    const messages = [0, 1, 2].map((partition) => ({
      partition,
      key: `${name}-${partition}`,
      value: name.repeat(50),
      headers: { codec: name },
    }))
    await producer.send({ topic: TOPIC, compression, messages })
  }
  await producer.send({ topic: TOPIC, acks: 1, messages: [{ partition: 0, value: null, key: 'null' }] })
  await producer.send({ topic: TOPIC, acks: 0, messages: [{ partition: 1, value: 'unasked' }] })
  await producer.disconnect()
  const idempotent = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await idempotent.connect()
  for (const value of ['once', 'twice']) await idempotent.send({ topic: TOPIC, messages: [{ partition: 2, value }] })
  await idempotent.disconnect()
}

async function transact(kafka: Kafka): Promise<void> {
  const producer = kafka.producer({
    transactionalId: 'talker',
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  for (const how of ['commit', 'abort'] as const) {
    const transaction = await producer.transaction()
    await transaction.send({ topic: COMPACTED, messages: [{ key: how, value: how }] })
    if (how === 'commit')
      await transaction.sendOffsets({
        consumerGroupId: 'of-the-transaction',
        topics: [{ topic: TOPIC, partitions: [{ partition: 0, offset: '2' }] }],
      })
    await transaction[how]()
  }
  await producer.disconnect()
}

async function consume(kafka: Kafka, admin: Admin): Promise<void> {
  const offsets = await admin.fetchTopicOffsets(TOPIC)
  const count = offsets.reduce((sum, { high }) => sum + Number(high), 0)
  const reader = await runConsumer(kafka, { groupId: GROUP }, [TOPIC])
  await until('all is read', () => reader.messages.length >= count)
  await admin.describeGroups([GROUP])
  await reader.stop()
}

async function consumeCommitted(kafka: Kafka): Promise<void> {
  const committed = await runConsumer(kafka, { groupId: 'committed', readUncommitted: false }, [COMPACTED])
  await until('the committed one is read', () => committed.messages.length >= 1)
  await committed.stop()
}

async function lookBack(admin: Admin): Promise<void> {
  await admin.fetchTopicOffsetsByTimestamp(TOPIC, 0)
  await admin.fetchOffsets({ groupId: GROUP, topics: [TOPIC] })
  await admin.fetchOffsets({ groupId: 'of-the-transaction', topics: [TOPIC] })
  await admin.resetOffsets({ groupId: GROUP, topic: TOPIC, earliest: true })
  await admin.listGroups()
  await admin.deleteTopicRecords({ topic: TOPIC, partitions: [{ partition: 0, offset: '1' }] })
  await admin.deleteGroups([GROUP, 'committed'])
  await admin.deleteTopics({ topics: [TOPIC, COMPACTED] })
}

/** All that kafkajs can say, in an order that depends on no time. */
export async function talkKafkajs(bootstrap: string): Promise<void> {
  registerCodecs()
  const kafka = clientOf([bootstrap], 'talk')
  const admin = kafka.admin()
  await admin.connect()
  await administer(admin)
  await produce(kafka)
  await consume(kafka, admin)
  await transact(kafka)
  await consumeCommitted(kafka)
  await lookBack(admin)
  await admin.disconnect()
}
