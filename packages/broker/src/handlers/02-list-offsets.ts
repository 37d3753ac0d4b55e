import type { Later, Offset } from '@odradek/core'
import type { ReadBound } from '@odradek/log'
import {
  ErrorCode,
  ListOffsets,
  type ListOffsetsRequest,
  type ListOffsetsRequestPartition,
  type ListOffsetsResponsePartitionInput,
} from '@odradek/protocol'
import { allLater } from '../all-later.ts'
import { isIsolationLevel, READ_COMMITTED } from '../fetch/fetch-terms.ts'
import { handler } from '../handler.ts'
import { inSlices } from '../in-slices.ts'
import { mapInTurns, ROWS_PER_TURN } from '../in-turns.ts'
import { leaderEpochError, leaderError } from '../partitions/leadership.ts'
import { isTimestampServed, type ListedOffset, listOffset } from '../partitions/list-offset.ts'
import { oldStyleOffsets } from '../partitions/old-style-offsets.ts'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'

const CONSUMER = -1
/** A tool that reads from any replica, not only from the leader. */
const DEBUGGING_REPLICA = -2

const OLDEST_VERSION = 0
const LEADER_EPOCH_VERSION_MIN = 4

/**
 * ListOffsets 0-11. Version 0 (gone in Kafka 4) gives lists of offsets instead of one; isolation from 2, leader epochs
 * from 4, maximum timestamp from 7, earliest local from 8, tiered from 9 and 11 (never any here).
 */
export const listOffsets = handler(
  ListOffsets,
  [0, 11],
  (request, context) => {
    if (!isIsolationLevel(request.isolationLevel)) return everyRow(request, ErrorCode.UNKNOWN_SERVER_ERROR)
    const { topics, repeated } = withoutRepeats(request)
    const asked = topics.flatMap(({ name, partitions }) => partitions.map((row) => ({ name, row })))
    const answerTo = ({ name, row }: AskedRow) => {
      if (repeated.has(`${name}/${row.partitionIndex}`)) return failed(row.partitionIndex, ErrorCode.INVALID_REQUEST)
      return answer(name, row, request, context)
    }
    const answered =
      asked.length <= ROWS_PER_TURN
        ? allLater(asked.map(answerTo))
        : mapInTurns(context.services.clock, asked, answerTo)
    if (answered instanceof Promise) return answered.then((late) => responseOf(topics, late))
    return responseOf(topics, answered)
  },
  {
    onBug: (request) => everyRow(request, ErrorCode.UNKNOWN_SERVER_ERROR),
    slices: inSlices({
      rows: ({ topics }) => topics,
      only: (request, topics) => ({ ...request, topics: [...topics] }),
      key: ({ name }) => name,
      join: (responses) => ({ topics: responses.flatMap(({ topics }) => topics) }),
    }),
  },
)

interface AskedRow {
  readonly name: string
  readonly row: ListOffsetsRequestPartition
}

function answer(
  name: string,
  row: ListOffsetsRequestPartition,
  request: ListOffsetsRequest,
  context: RequestContext,
): Later<ListOffsetsResponsePartitionInput> {
  const { partitionIndex } = row
  const { version } = context
  if (!context.authorize('DESCRIBE', 'TOPIC', name)) return failed(partitionIndex, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
  if (!isTimestampServed(row.timestamp, version)) return failed(partitionIndex, ErrorCode.UNSUPPORTED_VERSION)
  const partition = locate(name, row, request.replicaId, context)
  if (typeof partition === 'number') return failed(partitionIndex, partition)
  const bound = boundOf(request)
  const listed =
    version === OLDEST_VERSION
      ? oldStyle(partitionIndex, oldStyleOffsets(partition.log, row.timestamp, row.maxNumOffsets, bound))
      : newStyle(partitionIndex, listOffset(partition.log, row.timestamp, bound), version)
  // A lookup reads the log, which may turn out to be broken.
  return listed instanceof Promise ? listed.catch(() => failed(partitionIndex, ErrorCode.KAFKA_STORAGE_ERROR)) : listed
}

function locate(
  name: string,
  { partitionIndex, currentLeaderEpoch }: ListOffsetsRequestPartition,
  replicaId: number,
  context: RequestContext,
): LocalPartition | ErrorCode {
  const { cluster, partitions } = context.services
  const topic = cluster.topic(name)
  const partition = topic === undefined ? null : partitions.find(topic, partitionIndex)
  if (partition === null) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  const { view, log } = partition
  const anyReplica = replicaId === DEBUGGING_REPLICA && view.replicas.includes(context.node)
  const refusal = anyReplica
    ? leaderEpochError(currentLeaderEpoch, view.leaderEpoch)
    : leaderError(view, context.node, currentLeaderEpoch)
  if (refusal !== ErrorCode.NONE) return refusal
  return log.failure === null ? partition : ErrorCode.KAFKA_STORAGE_ERROR
}

/** Only consumers are kept from what is not replicated or not decided yet. */
function boundOf({ replicaId, isolationLevel }: ListOffsetsRequest): ReadBound {
  if (replicaId !== CONSUMER) return 'end'
  return isolationLevel === READ_COMMITTED ? 'lastStable' : 'highWatermark'
}

function newStyle(
  partitionIndex: number,
  listed: Later<ListedOffset>,
  version: number,
): Later<ListOffsetsResponsePartitionInput> {
  if (listed instanceof Promise) return listed.then((late) => newStyle(partitionIndex, late, version))
  const { offset, timestamp } = listed
  const leaderEpoch = version >= LEADER_EPOCH_VERSION_MIN ? listed.leaderEpoch : -1
  return { ...failed(partitionIndex, ErrorCode.NONE), timestamp, offset: BigInt(offset), leaderEpoch }
}

function oldStyle(partitionIndex: number, offsets: Later<Offset[]>): Later<ListOffsetsResponsePartitionInput> {
  if (offsets instanceof Promise) return offsets.then((late) => oldStyle(partitionIndex, late))
  return { ...failed(partitionIndex, ErrorCode.NONE), oldStyleOffsets: offsets.map(BigInt) }
}

function failed(partitionIndex: number, errorCode: ErrorCode): ListOffsetsResponsePartitionInput {
  return { partitionIndex, errorCode, oldStyleOffsets: [], timestamp: -1n, offset: -1n, leaderEpoch: -1 }
}

/** Each partition once, in its first row, and those that were named again. */
function withoutRepeats({ topics }: ListOffsetsRequest) {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  const firsts = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.filter(({ partitionIndex }) => {
      const key = `${name}/${partitionIndex}`
      if (seen.has(key)) repeated.add(key)
      return !repeated.has(key) && seen.add(key)
    }),
  }))
  return { topics: firsts, repeated }
}

/** Puts the rows, which follow each other as in the request, under their topics again; a topic without any is left out, as in Kafka. */
function responseOf(topics: ListOffsetsRequest['topics'], rows: readonly ListOffsetsResponsePartitionInput[]) {
  let next = 0
  const answered = topics.map(({ name, partitions }) => {
    const start = next
    next += partitions.length
    return { name, partitions: rows.slice(start, next) }
  })
  return { topics: answered.filter(({ partitions }) => partitions.length > 0) }
}

function everyRow(request: ListOffsetsRequest, errorCode: ErrorCode) {
  const rows = request.topics.flatMap(({ partitions }) =>
    partitions.map((row) => failed(row.partitionIndex, errorCode)),
  )
  return responseOf(request.topics, rows)
}
