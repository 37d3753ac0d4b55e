import kafkajs from 'kafkajs'
import { BrokerProcess } from '../harness/broker-process.ts'
import { clientOf, readAll } from './client.ts'
import { ALL_CODECS, registerCodecs } from './codecs.ts'

describe('stock kafkajs producers', () => {
  let broker: BrokerProcess

  beforeAll(async () => {
    registerCodecs()
    broker = await BrokerProcess.start()
  })
  afterAll(() => broker.dispose())

  test.each(ALL_CODECS)(
    'codec %s: keys, headers, nulls, empty and large values come back as sent',
    async (name, compression) => {
      const kafka = clientOf(broker.bootstrap)
      const topic = `codec-${name}`
      const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
      await producer.connect()
      const large = 'large value '.repeat(60_000)
      const sent = [
        { key: 'a', value: 'one', headers: { h: 'v', again: 'w' } },
        { key: null, value: 'no key' },
        { key: 'tombstone', value: null },
        { key: '', value: '' },
        { key: 'large', value: large },
      ]
      const acks = await producer.send({ topic, compression, acks: -1, messages: sent })
      expect(acks).toEqual([expect.objectContaining({ topicName: topic, partition: 0, errorCode: 0, baseOffset: '0' })])
      const second = await producer.send({ topic, compression, messages: [{ value: 'next' }] })
      expect(second[0]?.baseOffset).toBe('5')
      await producer.disconnect()
      const messages = await readAll(kafka, topic, 6)
      expect(messages.map(({ key, value, headers, offset }) => ({ key, value, headers, offset }))).toEqual(
        [...sent, { key: null, value: 'next' }].map((message, index) => ({
          key: message.key,
          value: message.value,
          headers: 'headers' in message ? message.headers : {},
          offset: String(index),
        })),
      )
    },
  )

  test('sendBatch spreads over topics and partitions, each acknowledged by itself', async () => {
    const kafka = clientOf(broker.bootstrap)
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: ['batch-a', 'batch-b'].map((topic) => ({ topic, numPartitions: 4 })) })
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await producer.connect()
    const messages = Array.from({ length: 40 }, (_, index) => ({
      key: `k${index}`,
      value: `v${index}`,
      partition: index % 4,
    }))
    const acks = await producer.sendBatch({
      topicMessages: ['batch-a', 'batch-b'].map((topic) => ({ topic, messages })),
    })
    expect(acks.map(({ topicName, partition, errorCode }) => `${topicName}-${partition}:${errorCode}`).sort()).toEqual(
      ['batch-a', 'batch-b'].flatMap((topic) => [0, 1, 2, 3].map((partition) => `${topic}-${partition}:0`)),
    )
    for (const topic of ['batch-a', 'batch-b']) {
      const offsets = await admin.fetchTopicOffsets(topic)
      expect(offsets.map(({ partition, high }) => [partition, high]).sort()).toEqual(
        [0, 1, 2, 3].map((index) => [index, '10']),
      )
    }
    await admin.disconnect()
    await producer.disconnect()
  })

  test.each([0, 1, -1])('acks=%i leaves the connection usable and the messages in order', async (acks) => {
    const kafka = clientOf(broker.bootstrap)
    const topic = `acks-${acks}`
    const producer = kafka.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    for (let index = 0; index < 20; index++) await producer.send({ topic, acks, messages: [{ value: String(index) }] })
    const messages = await readAll(kafka, topic, 20)
    expect(messages.map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, index) => String(index)))
    await producer.disconnect()
  })

  test('an idempotent producer sends many requests at once and each message lands once', async () => {
    const kafka = clientOf(broker.bootstrap)
    const topic = 'idempotent'
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 5,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    })
    await producer.connect()
    expect(producer.isIdempotent()).toBe(true)
    for (let index = 0; index < 30; index++)
      await producer.send({ topic, acks: -1, messages: [{ value: String(index) }] })
    await producer.disconnect()
    const messages = await readAll(kafka, topic, 30)
    expect(messages.map(({ value }) => value)).toEqual(Array.from({ length: 30 }, (_, index) => String(index)))
  })

  test('a message over max.message.bytes is refused by name and the next one goes through', async () => {
    const kafka = clientOf(broker.bootstrap)
    const producer = kafka.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: { retries: 0 },
    })
    await producer.connect()
    await expect(
      producer.send({ topic: 'too-large', messages: [{ value: 'x'.repeat(1_048_588) }] }),
    ).rejects.toMatchObject({
      type: 'MESSAGE_TOO_LARGE',
    })
    const [ack] = await producer.send({ topic: 'too-large', messages: [{ value: 'fits' }] })
    expect(ack?.baseOffset).toBe('0')
    await producer.disconnect()
  })

  test('an illegal topic name is refused', async () => {
    const producer = clientOf(broker.bootstrap).producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: { retries: 0 },
    })
    await producer.connect()
    await expect(producer.send({ topic: 'no spaces', messages: [{ value: 'x' }] })).rejects.toThrow('invalid topic')
    await producer.disconnect()
  })
})
