import { timestamp } from '@odradek/core'
import { CreateTopics, Fetch, Produce } from '@odradek/protocol'
import { type BatchToBuild, buildBatch, readBatchHeader } from '@odradek/records'
import { startBroker, type TestBroker } from '@odradek/testing'
import kafkajs from 'kafkajs'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { clientOf, runConsumer } from '../kafkajs/client.ts'
import { registerCodecs } from '../kafkajs/codecs.ts'

const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1

let broker: TestBroker
let client: WireClient

beforeAll(async () => {
  registerCodecs()
  broker = await startBroker({ settings: { 'log.cleaner.backoff.ms': '20' } })
  client = await WireClient.open(Number(broker.bootstrap[0]?.split(':').at(-1)))
})

afterAll(async () => {
  client.close()
  await broker.stop()
})

async function createTopic(name: string, configs: Readonly<Record<string, string>> = {}): Promise<void> {
  const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
  const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: entries }
  const { topics } = await client.call(CreateTopics, 7, { topics: [topic], timeoutMs: 10_000 })
  expect(topics[0]?.errorCode).toBe(0)
}

async function fetchAt(topic: string, fetchOffset: bigint, isolationLevel: number, partitionMaxBytes = 1_000_000) {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes }]
  const { responses } = await client.call(Fetch, 11, {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: partitionMaxBytes,
    isolationLevel,
    topics: [{ topic, partitions }],
    forgottenTopicsData: [],
  })
  const row = responses[0]?.partitions[0]
  if (row === undefined || row.records === null) throw new Error('no row, or no records field')
  return { highWatermark: row.highWatermark, errorCode: row.errorCode, records: row.records }
}

/** Reads on as a client does that knows nothing but its position: behind each batch it got. */
async function readOn(topic: string, isolationLevel: number, end: bigint) {
  let at = 0n
  let recordsCount = 0
  for (let rounds = 0; at < end && rounds < 1_000; rounds++) {
    const { records, errorCode } = await fetchAt(topic, at, isolationLevel, 1)
    expect(errorCode).toBe(0)
    if (records.byteLength === 0) break
    const { baseOffset, lastOffsetDelta, ...header } = readBatchHeader(records, 0)
    recordsCount += header.recordsCount
    at = BigInt(baseOffset) + BigInt(lastOffsetDelta) + 1n
  }
  return { at, recordsCount }
}

async function transaction(topic: string, values: readonly string[], how: 'commit' | 'abort'): Promise<void> {
  const producer = clientOf(broker.bootstrap).producer({
    transactionalId: `id-${topic}`,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  })
  await producer.connect()
  const open = await producer.transaction()
  await open.send({ topic, messages: values.map((value) => ({ value })) })
  await (how === 'commit' ? open.commit() : open.abort())
  await producer.disconnect()
}

async function highWatermarkOf(topic: string, atLeast: bigint): Promise<bigint> {
  await until(`${topic} ends at ${atLeast}`, async () => {
    return (await fetchAt(topic, 0n, READ_UNCOMMITTED)).highWatermark >= atLeast
  })
  return (await fetchAt(topic, 0n, READ_UNCOMMITTED)).highWatermark
}

test.each(['commit', 'abort'] as const)(
  'compatibility 51, 52: behind the records of a %s there is a whole marker, and a reader gets past it to the end',
  async (how) => {
    const topic = `ends-in-${how}`
    await createTopic(topic)
    await transaction(topic, ['a', 'b', 'c'], how)
    const end = await highWatermarkOf(topic, 4n)
    expect(end).toBe(4n)
    const { records } = await fetchAt(topic, 3n, READ_UNCOMMITTED, 1)
    const marker = readBatchHeader(records, 0)
    expect(marker).toMatchObject({ baseOffset: 3, isControl: true, sizeBytes: records.byteLength })
    for (const isolation of [READ_UNCOMMITTED, READ_COMMITTED])
      expect(await readOn(topic, isolation, end)).toMatchObject({ at: end })
  },
)

/** `k0`, `k1` … have these values; segments roll by the time that is in the records. */
function batchOf(values: readonly string[], compressionType: BatchToBuild['compressionType']): Uint8Array {
  const records = values.map((value, index) => ({
    timestamp: timestamp(BigInt(Date.now())),
    key: Buffer.from(`k${index}`),
    value: Buffer.from(value),
  }))
  return buildBatch({ records, ...(compressionType === undefined ? {} : { compressionType }) })
}

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'compatibility 53: a compacted topic of %s batches, with gaps, is read to its end',
  async (compressionType) => {
    const topic = `gaps-${compressionType}`
    const compaction = { 'cleanup.policy': 'compact', 'segment.bytes': '1048576', 'segment.ms': '100' }
    await createTopic(topic, { ...compaction, 'min.cleanable.dirty.ratio': '0.01' })
    const send = async (values: readonly string[]) => {
      const topicData = [{ name: topic, partitionData: [{ index: 0, records: batchOf(values, compressionType) }] }]
      const { responses } = await client.call(Produce, 9, {
        transactionalId: null,
        acks: -1,
        timeoutMs: 10_000,
        topicData,
      })
      expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
    }
    for (let round = 0; round < 3; round++) await send([`a${round}`, `b${round}`, `c${round}`, `d${round}`])
    await send(['last-a', 'last-b'])
    // The segment that is written to is not compacted: another record begins the next one.
    await until('older values are gone', async () => {
      await send(['again'])
      const { records } = await fetchAt(topic, 0n, READ_UNCOMMITTED)
      return BigInt(readBatchHeader(records, 0).baseOffset) > 0n
    })
    const end = (await fetchAt(topic, 0n, READ_UNCOMMITTED)).highWatermark
    const { at, recordsCount } = await readOn(topic, READ_UNCOMMITTED, end)
    expect(at).toBe(end)
    expect(recordsCount).toBeLessThan(Number(end))
    const reader = await runConsumer(clientOf(broker.bootstrap), { groupId: `g-${topic}` }, [topic])
    await until('the last record is read', () => reader.messages.at(-1)?.offset === String(end - 1n))
    await reader.stop()
    const lastOf = new Map(reader.messages.map(({ key, value }) => [key, value]))
    expect(Object.fromEntries(lastOf)).toEqual({ k0: 'again', k1: 'last-b', k2: 'c2', k3: 'd2' })
  },
)
