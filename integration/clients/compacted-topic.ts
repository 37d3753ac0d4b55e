import { assert, NO_PRODUCER_ID, type Timestamp, timestamp } from '@odradek/core'
import { CreateTopics, ErrorCode, Fetch, IncrementalAlterConfigs } from '@odradek/protocol'
import { type BatchHeader, type BatchToBuild, buildBatch } from '@odradek/records'
import {
  addPartitions,
  endTransaction,
  findCoordinators,
  type Identity,
  initProducerId,
  produceBatch,
  VERSION_1,
} from '../exactly-once/transaction-calls.ts'
import { until } from '../harness/until.ts'
import { WireClient } from '../harness/wire-client.ts'
import { headersIn } from './stored-codecs.ts'

type CompressionType = NonNullable<BatchToBuild['compressionType']>

/** All records are as old: they stay in one segment, and the marker of a transaction begins the next. Producers last for a day. */
const AGE_MS = 600_000
const DAY_MS = 86_400_000
const TOPIC_RESOURCE = 2
const SET = 0
const FETCH_BYTES_MAX = 10_000_000
const TRANSACTION_MS_MAX = 60_000
/** A cleaner looks every half second where it is told to, and has two passes to make. */
const COMPACTION_MS_MAX = 60_000
/** Of each codec, half of them in the batch that was first, with gaps. */
const KEYS_A_CODEC = 10
const CODECS_COUNT = 4
const RECORDS_LEFT = KEYS_A_CODEC * CODECS_COUNT

const TOPIC_CONFIGS = {
  'cleanup.policy': 'compact',
  'segment.ms': '1',
  'min.cleanable.dirty.ratio': '0',
  'delete.retention.ms': '0',
}

/**
 * A topic of one partition that has been compacted. It begins with offsets that are gone; of each codec there is a batch with
 * gaps; the batch of an idempotent producer is there without a record; at the end are offsets that are gone, and markers.
 */
export async function prepareCompactedTopic(
  bootstrap: string,
  topic: string,
  codecs: readonly CompressionType[],
): Promise<void> {
  const client = await WireClient.open(Number(bootstrap.split(':').at(-1)))
  try {
    await createTopic(client, topic)
    await fill(client, topic, codecs)
    await beginSegment(client, topic)
    await until('old values are gone', async () => isFirstPassOver(await batchesOf(client, topic)), COMPACTION_MS_MAX)
    // Tombstones go in the pass after the one that found them, when their time is over; the marker is to stay. (KIP-534)
    await keepMarkers(client, topic)
    await beginSegment(client, topic)
    await until('tombstones are gone', async () => isCompacted(await batchesOf(client, topic)), COMPACTION_MS_MAX)
  } finally {
    client.close()
  }
}

async function createTopic(client: WireClient, name: string): Promise<void> {
  const configs = Object.entries(TOPIC_CONFIGS).map(([key, value]) => ({ name: key, value }))
  const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs }
  const { topics } = await client.call(CreateTopics, 7, { topics: [topic], timeoutMs: 30_000 })
  if (topics[0]?.errorCode !== ErrorCode.NONE) throw new Error(`topic ${name}: error ${topics[0]?.errorCode}`)
}

/** Without a value where it is null. */
const recordsAt = (timestamp: Timestamp) => (prefix: string, numbers: readonly number[], value: string | null) =>
  numbers.map((number) => ({
    timestamp,
    key: Buffer.from(`${prefix}-${number}`),
    value: value === null ? null : Buffer.from(value),
  }))

async function keepMarkers(client: WireClient, topic: string): Promise<void> {
  const configs = [{ name: 'delete.retention.ms', configOperation: SET, value: String(DAY_MS) }]
  const resources = [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configs }]
  const { responses } = await client.call(IncrementalAlterConfigs, 1, { resources, validateOnly: false })
  if (responses[0]?.errorCode !== ErrorCode.NONE) throw new Error(`${topic}: error ${responses[0]?.errorCode}`)
}

async function fill(client: WireClient, topic: string, codecs: readonly CompressionType[]): Promise<void> {
  const [all, odd, few] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 3, 5, 7, 9],
    [0, 1, 2],
  ]
  assert(all.length === KEYS_A_CODEC, 'a batch has the keys that are counted')
  const recordsOf = recordsAt(timestamp(BigInt(Date.now() - AGE_MS)))
  const ofEach = Array.from({ length: CODECS_COUNT }, (_, index) => codecs[index] ?? 'gzip')
  const plain = (records: BatchToBuild['records'], compressionType: CompressionType) => ({ records, compressionType })
  const { producerId, producerEpoch } = await newProducer(client, null)
  const batches: readonly BatchToBuild[] = [
    plain(recordsOf('gone', few, 'old'), 'gzip'),
    ...ofEach.map((codec, index) => plain(recordsOf(`k${index}`, all, 'first'), codec)),
    ...ofEach.map((codec, index) => plain(recordsOf(`k${index}`, odd, 'second'), codec)),
    { ...plain(recordsOf('shell', few, 'old'), 'gzip'), producerId, producerEpoch, baseSequence: 0 },
    plain([...recordsOf('gone', few, null), ...recordsOf('shell', few, null)], 'gzip'),
  ]
  for (const batch of batches)
    await until('the topic takes a batch', async () => {
      const { errorCode } = await produceBatch(client, VERSION_1.produce, null, topic, 0, buildBatch(batch))
      return errorCode === ErrorCode.NONE
    })
}

/** A broker that has just been started may have none to give. */
async function newProducer(client: WireClient, transactionalId: string | null): Promise<Identity> {
  const begin = () => initProducerId(client, VERSION_1.initProducerId, transactionalId, TRANSACTION_MS_MAX)
  let answer = await begin()
  await until('there is a producer id', async () => {
    if (answer.errorCode !== ErrorCode.NONE) answer = await begin()
    return answer.errorCode === ErrorCode.NONE
  })
  return answer
}

/** The segment that is written to is not compacted. The marker of a transaction that has no records begins another. */
async function beginSegment(client: WireClient, topic: string): Promise<void> {
  const { addPartitions: add, endTxn } = VERSION_1
  const id = `${topic}-roll`
  const end = await endOffsetOf(client, topic)
  await until('there is a coordinator', async () => (await findCoordinators(client, id, id)).errorCode === 0)
  const identity = await newProducer(client, id)
  await until('the partition is in the transaction', async () => {
    return (await addPartitions(client, add, id, identity, topic, [0])).errorCode === ErrorCode.NONE
  })
  await until('the transaction ends', async () => {
    return (await endTransaction(client, endTxn, id, identity, true)).errorCode === ErrorCode.NONE
  })
  await until('its marker is there', async () => (await endOffsetOf(client, topic)) > end)
}

async function fetched(client: WireClient, topic: string) {
  const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: FETCH_BYTES_MAX }]
  const request = { maxWaitMs: 0, minBytes: 0, maxBytes: FETCH_BYTES_MAX, forgottenTopicsData: [] }
  const { responses } = await client.call(Fetch, 11, { ...request, topics: [{ topic, partitions }] })
  const row = responses[0]?.partitions[0]
  if (row === undefined || row.errorCode !== 0) throw new Error(`${topic}: error ${row?.errorCode}`)
  return row
}

const endOffsetOf = async (client: WireClient, topic: string): Promise<bigint> =>
  (await fetched(client, topic)).highWatermark

/** Those of records: markers are not compacted as they are. */
async function batchesOf(client: WireClient, topic: string): Promise<readonly BatchHeader[]> {
  const { records } = await fetched(client, topic)
  return [...headersIn(records ?? new Uint8Array(0))].filter(({ isControl }) => !isControl)
}

const isFirstPassOver = ([first]: readonly BatchHeader[]): boolean => first !== undefined && first.baseOffset > 0

/** Whether what is left is what the programs are to read, and is there in the form that they are to meet. */
function isCompacted(batches: readonly BatchHeader[]): boolean {
  const recordsCount = batches.reduce((sum, batch) => sum + batch.recordsCount, 0)
  const last = batches.at(-1)
  const haveGaps = batches.filter(({ recordsCount: count, lastOffsetDelta }) => count > 0 && count <= lastOffsetDelta)
  return (
    recordsCount === RECORDS_LEFT &&
    haveGaps.length === CODECS_COUNT &&
    haveGaps.every(({ codec }) => codec !== 0) &&
    last !== undefined &&
    last.recordsCount === 0 &&
    last.producerId !== NO_PRODUCER_ID
  )
}
