import { Fetch } from '@odradek/protocol'
import { readBatchHeader } from '@odradek/records'
import kafkajs, { type Kafka, type Producer } from 'kafkajs'
import { BrokerProcess } from '../harness/broker-process.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { clientOf } from './client.ts'

const TRANSACTION_TIMEOUT_MS = 60_000

describe('the stock kafkajs producer in transactions', () => {
  let broker: BrokerProcess
  let kafka: Kafka
  let topic: string
  let topics = 0
  const producers: Producer[] = []

  beforeAll(async () => {
    broker = await BrokerProcess.start()
    kafka = clientOf(broker.bootstrap)
  })
  beforeEach(async () => {
    topic = `t${topics++}`
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
    await admin.disconnect()
  })
  afterAll(async () => {
    for (const producer of producers) await producer.disconnect()
    await broker.dispose()
  })

  async function transactional(transactionalId: string): Promise<Producer> {
    const producer = kafka.producer({
      transactionalId,
      maxInFlightRequests: 1,
      idempotent: true,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 50, retries: 8 },
    })
    producers.push(producer)
    await producer.connect()
    return producer
  }

  const port = () => Number(broker.bootstrap[0]?.split(':').at(-1))

  /** What there is of the topic, as a consumer with this isolation is told. */
  async function fetch(isolationLevel: 0 | 1) {
    const client = await WireClient.open(port())
    const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }]
    const request = {
      maxWaitMs: 0,
      minBytes: 0,
      isolationLevel,
      topics: [{ topic, partitions }],
      forgottenTopicsData: [],
    }
    const answer = await client.call(Fetch, 12, request)
    client.close()
    const row = answer.responses[0]!.partitions[0]!
    const bytes = row.records ?? new Uint8Array(0)
    const kinds: string[] = []
    for (let at = 0; at < bytes.length; ) {
      const header = readBatchHeader(bytes, at)
      kinds.push(header.isControl ? 'marker' : 'data')
      at += header.sizeBytes
    }
    return { kinds, aborted: row.abortedTransactions?.length ?? null, lastStableOffset: Number(row.lastStableOffset) }
  }

  const send = (sender: { send: Producer['send'] }, value: string) => sender.send({ topic, messages: [{ value }] })

  test('what is committed is there, what is aborted is told, what is open is held back', async () => {
    const producer = await transactional('kjs-ends')
    const committed = await producer.transaction()
    await send(committed, 'a')
    await committed.commit()
    const aborted = await producer.transaction()
    await send(aborted, 'b')
    await aborted.abort()
    const open = await producer.transaction()
    await send(open, 'c')
    const kinds = ['data', 'marker', 'data', 'marker']
    expect(await fetch(1)).toEqual({ kinds, aborted: 1, lastStableOffset: 4 })
    expect(await fetch(0)).toEqual({ kinds: [...kinds, 'data'], aborted: null, lastStableOffset: 4 })
    await open.commit()
    await until('the last marker', async () => (await fetch(1)).lastStableOffset === 6)
  })

  test('of two producers with one id the first is fenced, and its open transaction is aborted', async () => {
    const first = await transactional('kjs-fenced')
    const open = await first.transaction()
    await send(open, 'lost')
    const second = await transactional('kjs-fenced')
    const next = await second.transaction()
    await expect(open.commit()).rejects.toMatchObject({ type: expect.stringMatching(/FENCED|PRODUCER_EPOCH/) })
    await send(next, 'kept')
    await next.commit()
    await until('the last marker', async () => (await fetch(1)).lastStableOffset === 4)
    expect(await fetch(1)).toMatchObject({ kinds: ['data', 'marker', 'data', 'marker'], aborted: 1 })
  })

  test('offsets of a group come with the records, or not at all', async () => {
    const producer = await transactional('kjs-offsets')
    const admin = kafka.admin()
    await admin.connect()
    const groupId = `g-${topic}`
    const committed = async () => (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]?.partitions[0]?.offset
    for (const [offset, ends] of [
      ['1', 'commit'],
      ['2', 'abort'],
    ] as const) {
      const open = await producer.transaction()
      await send(open, offset)
      await open.sendOffsets({ consumerGroupId: groupId, topics: [{ topic, partitions: [{ partition: 0, offset }] }] })
      await open[ends]()
    }
    await until('both markers', async () => (await fetch(1)).lastStableOffset === 4)
    await until('the offset of the first', async () => (await committed()) === '1')
    await admin.disconnect()
  })

  test('a broker that is killed in a transaction knows it still, and lets it go on', async () => {
    const producer = await transactional('kjs-killed')
    const open = await producer.transaction()
    await send(open, 'before')
    await broker.kill()
    await broker.start()
    await send(open, 'after')
    await open.commit()
    await until('the marker', async () => (await fetch(1)).lastStableOffset === 3)
    expect(await fetch(1)).toMatchObject({ kinds: ['data', 'data', 'marker'], aborted: 0 })
  })

  test('markers that a kill cut short are written by the next start', async () => {
    const producer = await transactional('kjs-prepared')
    const open = await producer.transaction()
    await send(open, 'a')
    // Whatever of it was answered: once the end is recorded, its markers come.
    const ending = open.commit().catch(() => {})
    await broker.kill()
    await broker.start()
    await ending
    // Aborted by its successor, if the end was not recorded.
    const next = await (await transactional('kjs-prepared')).transaction()
    await next.abort()
    await until('the marker', async () => (await fetch(1)).lastStableOffset === 2)
  })
})
