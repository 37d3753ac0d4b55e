import { type Later, type Offset, offset, offsetFromWire } from '@odradek/core'
import { DeleteRecords, ErrorCode } from '@odradek/protocol'
import { allLater } from '../all-later.ts'
import { handler } from '../handler.ts'
import { inSlices } from '../in-slices.ts'
import { leaderError } from '../partitions/leadership.ts'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'

/** Asks for everything that consumers may see. */
const HIGH_WATERMARK = -1n

interface Deleted {
  readonly partitionIndex: number
  readonly lowWatermark: bigint
  readonly errorCode: ErrorCode
}

/**
 * DeleteRecords 0-2. Moves the start of the log; batches are not split. All replicas share the log, so there
 * is nothing to wait for but that the new start will survive a restart, and no time-out. A partition that is named twice has one row, the last one.
 */
export const deleteRecords = handler(
  DeleteRecords,
  [0, 2],
  async (request, context) => {
    const topics = new Map<string, Map<number, bigint>>()
    for (const { name, partitions } of request.topics) {
      if (partitions.length === 0) continue
      const offsets = topics.get(name) ?? new Map<number, bigint>()
      topics.set(name, offsets)
      for (const { partitionIndex, offset: before } of partitions) offsets.set(partitionIndex, before)
    }
    const rows = Array.from(topics, async ([name, offsets]) => ({
      name,
      partitions: await allLater(Array.from(offsets, ([index, before]) => remove(name, index, before, context))),
    }))
    return { topics: await Promise.all(rows) }
  },
  {
    slices: inSlices({
      rows: ({ topics }) => topics,
      only: (request, topics) => ({ ...request, topics: [...topics] }),
      key: ({ name }) => name,
      join: (responses) => ({ topics: responses.flatMap(({ topics }) => topics) }),
    }),
    onBug: (request) => ({
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => failed(partitionIndex, ErrorCode.UNKNOWN_SERVER_ERROR)),
      })),
    }),
  },
)

function remove(name: string, index: number, before: bigint, context: RequestContext): Later<Deleted> {
  const partition = locate(name, index, context)
  if (typeof partition === 'number') return failed(index, partition)
  const { log } = partition
  const end = before === HIGH_WATERMARK ? log.highWatermark : offsetFromWire(before)
  if (end < 0 || end > log.highWatermark) return failed(index, ErrorCode.OFFSET_OUT_OF_RANGE)
  const moved = log.deleteRecordsBefore(offset(end))
  if (!(moved instanceof Promise)) return done(index, log.startOffset)
  return moved.then(
    () => done(index, log.startOffset),
    () => failed(index, ErrorCode.KAFKA_STORAGE_ERROR),
  )
}

function locate(name: string, index: number, context: RequestContext): LocalPartition | ErrorCode {
  if (!context.authorize('DELETE', 'TOPIC', name)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  const { cluster, partitions } = context.services
  const topic = cluster.topic(name)
  const partition = topic === undefined ? null : partitions.find(topic, index)
  if (partition === null) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  if (partition.topic.isInternal) return ErrorCode.INVALID_TOPIC_EXCEPTION
  const refusal = leaderError(partition.view, context.node)
  if (refusal !== ErrorCode.NONE) return refusal
  const { cleanupCompact, cleanupDelete } = partition.settings.log
  if (cleanupCompact && !cleanupDelete) return ErrorCode.POLICY_VIOLATION
  return partition.log.failure === null ? partition : ErrorCode.KAFKA_STORAGE_ERROR
}

function done(partitionIndex: number, lowWatermark: Offset): Deleted {
  return { partitionIndex, lowWatermark: BigInt(lowWatermark), errorCode: ErrorCode.NONE }
}

function failed(partitionIndex: number, errorCode: ErrorCode): Deleted {
  return { partitionIndex, lowWatermark: -1n, errorCode }
}
