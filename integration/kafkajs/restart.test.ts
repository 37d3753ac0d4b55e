import kafkajs from 'kafkajs'
import { BrokerProcess } from '../harness/broker-process.ts'
import { until } from '../harness/until.ts'
import { clientOf, readAll, runConsumer } from './client.ts'
import { ALL_CODECS, registerCodecs } from './codecs.ts'

describe.each(['stop', 'kill'] as const)('a restart by %s between', (how) => {
  let broker: BrokerProcess

  beforeEach(async () => {
    registerCodecs()
    broker = await BrokerProcess.start()
  })
  afterEach(() => broker.dispose())

  test('everything is found again: topics, configs, ids, messages in every codec, committed offsets', async () => {
    const kafka = clientOf(broker.bootstrap)
    const admin = kafka.admin()
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
    await Promise.all([admin.connect(), producer.connect()])
    await admin.createTopics({
      topics: [{ topic: 'kept', numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '77777777' }] }],
    })
    for (const [name, compression] of ALL_CODECS)
      await producer.send({
        topic: 'kept',
        compression,
        acks: 1,
        messages: [0, 1].map((partition) => ({ key: name, value: `${name} ${'v'.repeat(500)}`, partition })),
      })
    const reader = await runConsumer(kafka, { groupId: 'keeper' }, ['kept'])
    await until('all ten', () => reader.messages.length === 10)
    await reader.stop()
    const before = await admin.describeCluster()
    await Promise.all([admin.disconnect(), producer.disconnect()])

    await broker.restart(how)

    const again = clientOf(broker.bootstrap)
    const adminAgain = again.admin()
    await adminAgain.connect()
    expect((await adminAgain.describeCluster()).clusterId).toBe(before.clusterId)
    const { resources } = await adminAgain.describeConfigs({
      includeSynonyms: false,
      resources: [
        { type: kafkajs.ConfigResourceTypes.TOPIC, name: 'kept', configNames: ['retention.ms', 'cleanup.policy'] },
      ],
    })
    expect(resources[0]?.configEntries.map(({ configValue }) => configValue)).toEqual(['delete', '77777777'])
    const [offsets] = await adminAgain.fetchOffsets({ groupId: 'keeper', topics: ['kept'] })
    expect(offsets?.partitions.map(({ offset }) => offset)).toEqual(['5', '5'])
    const messages = await readAll(again, 'kept', 10)
    for (const partition of [0, 1])
      expect(messages.filter((message) => message.partition === partition).map(({ key }) => key)).toEqual(
        ALL_CODECS.map(([name]) => name),
      )
    await adminAgain.disconnect()
  })

  test('clients that were there go on by themselves, and nothing acknowledged is missing or out of place', async () => {
    const kafka = clientOf(broker.bootstrap)
    const producer = kafka.producer({
      idempotent: true,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 50, retries: 30, maxRetryTime: 300 },
    })
    await producer.connect()
    await producer.send({ topic: 'through', messages: [{ value: '0' }] })
    const reader = await runConsumer(
      kafka,
      { groupId: 'staying', retry: { initialRetryTime: 50, retries: 30, maxRetryTime: 300 } },
      ['through'],
    )
    await until('the first message', () => reader.messages.length === 1)
    let next = 1
    let stopped = false
    const sending = (async () => {
      while (!stopped) {
        await producer.send({ topic: 'through', acks: -1, messages: [{ value: String(next) }] })
        next += 1
      }
    })()
    await until('some more', () => next > 20)
    await broker.restart(how)
    const at = next
    await until('more after the restart', () => next > at + 20)
    stopped = true
    await sending
    await until('the reader to have them all', () => new Set(reader.messages.map(({ value }) => value)).size === next)
    await reader.stop()
    await producer.disconnect()
    const messages = await readAll(clientOf(broker.bootstrap), 'through', next)
    expect(messages.map(({ value }) => Number(value))).toEqual(Array.from({ length: next }, (_, index) => index))
  })
})
