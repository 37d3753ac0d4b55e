import kafkajs, { type Kafka } from 'kafkajs'
import { BrokerProcess } from '../harness/broker-process.ts'
import { until } from '../harness/until.ts'
import { clientOf, type RunningConsumer, readAll, runConsumer, type Seen } from './client.ts'

const PARTITIONS = 6

describe('stock kafkajs consumers', () => {
  let broker: BrokerProcess
  let kafka: Kafka
  let topicCount = 0

  beforeAll(async () => {
    broker = await BrokerProcess.start()
    kafka = clientOf(broker.bootstrap)
  })
  afterAll(() => broker.dispose())

  async function filledTopic(
    messages: number,
    partitions = PARTITIONS,
    timestamps?: readonly number[],
  ): Promise<string> {
    const topic = `consumed-${topicCount++}`
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] })
    await admin.disconnect()
    await produce(topic, messages, partitions, timestamps)
    return topic
  }

  async function produce(
    topic: string,
    messages: number,
    partitions: number,
    timestamps?: readonly number[],
  ): Promise<void> {
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await producer.connect()
    await producer.send({
      topic,
      messages: Array.from({ length: messages }, (_, index) => ({
        value: String(index),
        partition: index % partitions,
        ...(timestamps?.[index] === undefined ? {} : { timestamp: String(timestamps[index]) }),
      })),
    })
    await producer.disconnect()
  }

  const held = (consumers: readonly RunningConsumer[], topic: string): number[] =>
    consumers.flatMap((consumer) => consumer.assignment()[topic] ?? []).sort((a, b) => a - b)

  test('three members share the partitions, give them back when one leaves, and commit what they read', async () => {
    const topic = await filledTopic(60)
    const groupId = 'sharing'
    const consumers = [await runConsumer(kafka, { groupId }, [topic])]
    consumers.push(await runConsumer(kafka, { groupId }, [topic]))
    consumers.push(await runConsumer(kafka, { groupId }, [topic]))
    const all = [0, 1, 2, 3, 4, 5]
    await until('three members with two partitions each', () => {
      const counts = consumers.map((consumer) => consumer.assignment()[topic]?.length ?? 0)
      return counts.every((count) => count === 2) && held(consumers, topic).join() === all.join()
    })
    await consumers.pop()?.stop()
    await until('two members with three partitions each', () => {
      const counts = consumers.map((consumer) => consumer.assignment()[topic]?.length ?? 0)
      return counts.every((count) => count === 3) && held(consumers, topic).join() === all.join()
    })
    await produce(topic, 60, PARTITIONS)
    const read = (partition: number): boolean =>
      consumers.some(({ messages }) =>
        messages.some((message) => message.partition === partition && message.offset === '19'),
      )
    await until('the last message of every partition', () => all.every(read))
    await Promise.all(consumers.map((consumer) => consumer.stop()))
    const admin = kafka.admin()
    await admin.connect()
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] })
    expect(offsets?.partitions.map(({ partition, offset }) => [partition, offset]).sort()).toEqual(
      all.map((index) => [index, '20']),
    )
    await admin.disconnect()
  })

  test('a group goes on where it committed', async () => {
    const topic = await filledTopic(10, 1)
    const first = await runConsumer(kafka, { groupId: 'resuming' }, [topic])
    await until('ten messages', () => first.messages.length === 10)
    await first.stop()
    await produce(topic, 3, 1)
    const second = await runConsumer(kafka, { groupId: 'resuming' }, [topic])
    await until('three messages', () => second.messages.length >= 3)
    await second.stop()
    expect(second.messages.map(({ offset }) => offset)).toEqual(['10', '11', '12'])
  })

  test('eachBatch sees whole batches with the high watermark and commits by hand', async () => {
    const topic = await filledTopic(25, 1)
    const consumer = kafka.consumer({ groupId: 'batches', maxWaitTimeInMs: 100 })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    const offsets: string[] = []
    const watermarks = new Set<string>()
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, heartbeat, commitOffsetsIfNecessary, uncommittedOffsets, resolveOffset }) => {
        for (const message of batch.messages) {
          offsets.push(message.offset)
          resolveOffset(message.offset)
        }
        watermarks.add(batch.highWatermark)
        await heartbeat()
        await commitOffsetsIfNecessary(uncommittedOffsets())
      },
    })
    await until('25 messages', () => offsets.length === 25)
    expect([...watermarks]).toEqual(['25'])
    await consumer.commitOffsets([{ topic, partition: 0, offset: '7', metadata: 'by hand' }])
    const admin = kafka.admin()
    await admin.connect()
    expect(await admin.fetchOffsets({ groupId: 'batches', topics: [topic] })).toEqual([
      { topic, partitions: [{ partition: 0, offset: '7', metadata: 'by hand' }] },
    ])
    await admin.disconnect()
    await consumer.disconnect()
  })

  test('pause holds a partition back, resume lets it go on', async () => {
    const topic = await filledTopic(4, 2)
    const reader = await runConsumer(kafka, { groupId: 'pausing' }, [topic])
    await until('four messages', () => reader.messages.length === 4)
    reader.consumer.pause([{ topic, partitions: [0] }])
    expect(reader.consumer.paused()).toEqual([{ topic, partitions: [0] }])
    await produce(topic, 4, 2)
    await until('partition 1 going on', () => reader.messages.length === 6)
    expect(reader.messages.slice(4).map(({ partition }) => partition)).toEqual([1, 1])
    reader.consumer.resume([{ topic, partitions: [0] }])
    await until('partition 0 catching up', () => reader.messages.length === 8)
    await reader.stop()
  })

  test('seek to an offset and to a time', async () => {
    const start = Date.now() - 100_000
    const topic = await filledTopic(
      10,
      1,
      Array.from({ length: 10 }, (_, index) => start + index * 1000),
    )
    const reader = await runConsumer(kafka, { groupId: 'seeking' }, [topic])
    await until('ten messages', () => reader.messages.length === 10)
    reader.consumer.seek({ topic, partition: 0, offset: '8' })
    await until('the last two again', () => reader.messages.length === 12)
    expect(reader.messages.slice(10).map(({ offset }) => offset)).toEqual(['8', '9'])
    const admin = kafka.admin()
    await admin.connect()
    const [byTime] = await admin.fetchTopicOffsetsByTimestamp(topic, start + 4500)
    expect(byTime).toEqual({ partition: 0, offset: '5' })
    const [late] = await admin.fetchTopicOffsetsByTimestamp(topic, start + 1_000_000)
    expect(late?.offset).toBe('10')
    reader.consumer.seek({ topic, partition: 0, offset: byTime?.offset ?? '' })
    await until('five again', () => reader.messages.length === 17)
    expect(reader.messages[12]?.timestamp).toBe(String(start + 5000))
    await admin.disconnect()
    await reader.stop()
  })

  test('an offset out of range falls back to what the consumer asked for', async () => {
    const topic = await filledTopic(5, 1)
    const reader = await runConsumer(kafka, { groupId: 'lost' }, [topic])
    await until('five messages', () => reader.messages.length === 5)
    reader.consumer.seek({ topic, partition: 0, offset: '5000' })
    await until('all five again', () => reader.messages.length >= 10)
    await reader.stop()
  })

  test('a regular expression subscribes to what exists; a late message wakes the long poll', async () => {
    const topic = await filledTopic(1, 1)
    const consumer = kafka.consumer({ groupId: 'pattern', maxWaitTimeInMs: 5000 })
    const messages: Seen[] = []
    await consumer.connect()
    await consumer.subscribe({ topics: [new RegExp(`^${topic}$`)], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ message }) => {
        messages.push({
          topic,
          partition: 0,
          offset: message.offset,
          key: null,
          value: null,
          headers: {},
          timestamp: '',
        })
      },
    })
    await until('the first message', () => messages.length === 1)
    await produce(topic, 1, 1)
    await until('the second one, long before the poll ends', () => messages.length === 2, 4000)
    await consumer.disconnect()
  })

  test('concurrent partitions, several topics and several groups do not disturb each other', async () => {
    const topics = [await filledTopic(30), await filledTopic(30)]
    const groups = await Promise.all(
      ['one', 'two', 'three'].map((groupId) => runConsumer(kafka, { groupId: `several-${groupId}` }, topics)),
    )
    await until('60 messages in each group', () => groups.every(({ messages }) => messages.length === 60))
    for (const { messages } of groups)
      expect(new Set(messages.map((m) => `${m.topic}-${m.partition}-${m.offset}`)).size).toBe(60)
    await Promise.all(groups.map((group) => group.stop()))
  })

  test('deleted records are gone for a reader from the beginning', async () => {
    const topic = await filledTopic(10, 1)
    const admin = kafka.admin()
    await admin.connect()
    // kafkajs finds the leader only of topics that this client has asked about.
    expect(await admin.fetchTopicOffsets(topic)).toEqual([{ partition: 0, offset: '10', high: '10', low: '0' }])
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
    expect(await admin.fetchTopicOffsets(topic)).toEqual([{ partition: 0, offset: '10', high: '10', low: '6' }])
    await admin.disconnect()
    await produce(topic, 1, 1)
    const messages = await readAll(kafka, topic, 1)
    expect(messages.at(-1)?.offset).toBe('10')
    expect(messages.every(({ offset }) => Number(offset) >= 6)).toBe(true)
  })
})
