import {
  CreateTopics,
  DeleteTopics,
  ErrorCode,
  Fetch,
  ListOffsets,
  OffsetCommit,
  OffsetFetch,
  Produce,
} from '@odradek/protocol'
import type { WireClient } from '../harness/wire-client.ts'
import { type FinalLog, type ReadRecord, readRecords } from './history.ts'

const EARLIEST = -2n
const LATEST = -1n
const FETCH_BYTES_MAX = 8 * 1024 * 1024
const COORDINATOR_ERRORS: ReadonlySet<number> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
])

export async function createTopic(
  client: WireClient,
  name: string,
  numPartitions: number,
  configs: Readonly<Record<string, string>> = {},
  replicationFactor = 1,
): Promise<number> {
  const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
  const topic = { name, numPartitions, replicationFactor, assignments: [], configs: entries }
  const { topics } = await client.call(CreateTopics, 7, { topics: [topic], timeoutMs: 30_000 })
  return topics[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
}

/** @throws Error when it cannot be made. */
export async function createdTopic(
  client: WireClient,
  name: string,
  numPartitions: number,
  configs: Readonly<Record<string, string>> = {},
  replicationFactor = 1,
): Promise<void> {
  const error = await createTopic(client, name, numPartitions, configs, replicationFactor)
  if (error !== ErrorCode.NONE) throw new Error(`topic ${name} could not be made: error ${error}`)
}

export async function deleteTopic(client: WireClient, name: string): Promise<number> {
  const { responses } = await client.call(DeleteTopics, 6, { topics: [{ name }], topicNames: [], timeoutMs: 30_000 })
  return responses[0]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
}

export interface ProduceAnswer {
  readonly errorCode: number
  readonly baseOffset: number
}

/** One batch with acks=all. */
export async function produce(
  client: WireClient,
  topic: string,
  partition: number,
  batch: Uint8Array,
): Promise<ProduceAnswer> {
  const { responses } = await client.call(Produce, 11, {
    acks: -1,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records: batch }] }],
  })
  const answer = responses[0]?.partitionResponses[0]
  if (answer === undefined) throw new Error('a produce answer without the partition')
  return { errorCode: answer.errorCode, baseOffset: Number(answer.baseOffset) }
}

export interface FetchedPartition {
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly records: readonly ReadRecord[]
}

/** From each partition what follows the position that `positions` has for it. */
export async function fetch(
  client: WireClient,
  topic: string,
  positions: ReadonlyMap<number, number>,
  maxWaitMs: number,
): Promise<readonly FetchedPartition[]> {
  const { responses } = await client.call(Fetch, 12, {
    maxWaitMs,
    minBytes: 1,
    maxBytes: FETCH_BYTES_MAX,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic,
        partitions: Array.from(positions, ([partition, offset]) => ({
          partition,
          fetchOffset: BigInt(offset),
          partitionMaxBytes: FETCH_BYTES_MAX,
        })),
      },
    ],
    forgottenTopicsData: [],
  })
  return (responses[0]?.partitions ?? []).map((answer) => {
    const from = positions.get(answer.partitionIndex) ?? 0
    const records = answer.records === null ? [] : readRecords(answer.records)
    return {
      partition: answer.partitionIndex,
      errorCode: answer.errorCode,
      highWatermark: Number(answer.highWatermark),
      logStartOffset: Number(answer.logStartOffset),
      records: records.filter(({ offset }) => offset >= from),
    }
  })
}

async function offsetAt(client: WireClient, topic: string, partition: number, timestamp: bigint): Promise<number> {
  const topics = [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }]
  const answer = await client.call(ListOffsets, 7, { replicaId: -1, topics })
  const found = answer.topics[0]?.partitions[0]
  if (found === undefined || found.errorCode !== ErrorCode.NONE)
    throw new Error(`ListOffsets of ${topic}-${partition}: error ${found?.errorCode}`)
  return Number(found.offset)
}

/** All that a partition holds, read to its end. */
export async function readWhole(client: WireClient, topic: string, partition: number): Promise<FinalLog> {
  const logStartOffset = await offsetAt(client, topic, partition, EARLIEST)
  const endOffset = await offsetAt(client, topic, partition, LATEST)
  const records: ReadRecord[] = []
  for (let next = logStartOffset; next < endOffset; ) {
    const [answer] = await fetch(client, topic, new Map([[partition, next]]), 0)
    if (answer?.errorCode !== ErrorCode.NONE)
      throw new Error(`a fetch of ${topic}-${partition} at ${next}: error ${answer?.errorCode}`)
    for (const read of answer.records) records.push(read)
    const last = answer.records.at(-1)
    // Nothing more comes: what is missing up to the end is a hole, which is for the checker to say.
    if (last === undefined) break
    next = last.offset + 1
  }
  return { logStartOffset, endOffset, records }
}

export async function commitOffsets(
  client: WireClient,
  group: string,
  topic: string,
  offsets: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<number, number>> {
  const partitions = Array.from(offsets, ([partitionIndex, offset]) => ({
    partitionIndex,
    committedOffset: BigInt(offset),
    committedMetadata: '',
  }))
  const { topics } = await client.call(OffsetCommit, 8, { groupId: group, topics: [{ name: topic, partitions }] })
  return new Map(topics[0]?.partitions.map(({ partitionIndex, errorCode }) => [partitionIndex, errorCode]))
}

/** The groups have no coordinator at this moment. */
export class NoCoordinator extends Error {
  override readonly name = 'NoCoordinator'
}

/** Of each partition the committed offset, -1 where there is none. @throws NoCoordinator */
export async function committedOffsets(
  client: WireClient,
  group: string,
  topic: string,
  partitions: number,
): Promise<ReadonlyMap<number, number>> {
  const partitionIndexes = Array.from({ length: partitions }, (_, index) => index)
  const answer = await client.call(OffsetFetch, 7, { groupId: group, topics: [{ name: topic, partitionIndexes }] })
  if (COORDINATOR_ERRORS.has(answer.errorCode)) throw new NoCoordinator()
  if (answer.errorCode !== ErrorCode.NONE) throw new Error(`OffsetFetch of ${group}: error ${answer.errorCode}`)
  return new Map(
    answer.topics[0]?.partitions.map(({ partitionIndex, committedOffset }) => [
      partitionIndex,
      Number(committedOffset),
    ]),
  )
}
