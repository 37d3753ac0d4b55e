import { producerId, timestamp } from '@odradek/core'
import type { FetchRequestInput, ProduceRequestInput } from '@odradek/protocol'
import { type BatchToBuild, buildBatch } from '@odradek/records'

/** A batch as a client makes it: a record for each value, a millisecond apart from 1 000 on. */
export function batchOf(values: readonly (string | null)[], rest: Omit<BatchToBuild, 'records'> = {}): Uint8Array {
  const records = values.map((value, index) => ({
    timestamp: timestamp(BigInt(1000 + index)),
    key: Buffer.from(`k${index}`),
    value: value === null ? null : Buffer.from(value),
  }))
  return buildBatch({ ...rest, records })
}

/** An idempotent producer's batch of one record. */
export function sequenced(id: number, epoch: number, baseSequence: number, count = 1): Uint8Array {
  const values = Array.from({ length: count }, (_, index) => `${id}/${baseSequence + index}`)
  return batchOf(values, { producerId: producerId(BigInt(id)), producerEpoch: epoch, baseSequence })
}

export interface ProduceOptions {
  readonly acks?: number
  readonly index?: number
  readonly timeoutMs?: number
  readonly topicId?: string
  readonly transactionalId?: string | null
}

export function produceRequest(
  name: string,
  records: Uint8Array | null,
  options: ProduceOptions = {},
): ProduceRequestInput {
  const { acks = 1, index = 0, timeoutMs = 5000, transactionalId = null, topicId } = options
  const topic = topicId === undefined ? { name } : { topicId }
  return { transactionalId, acks, timeoutMs, topicData: [{ ...topic, partitionData: [{ index, records }] }] }
}

export interface FetchOptions {
  readonly offset?: number
  readonly partitions?: readonly number[]
  readonly topicId?: string
  readonly maxWaitMs?: number
  readonly minBytes?: number
  readonly maxBytes?: number
  readonly partitionMaxBytes?: number
  readonly isolationLevel?: number
  readonly currentLeaderEpoch?: number
  readonly lastFetchedEpoch?: number
  readonly sessionId?: number
  readonly sessionEpoch?: number
  readonly rackId?: string
}

/** All partitions from the same offset on. */
export function fetchRequest(name: string, options: FetchOptions = {}): FetchRequestInput {
  const { offset = 0, partitions = [0], topicId, partitionMaxBytes = 1_048_576 } = options
  const { maxWaitMs = 0, minBytes = 1, currentLeaderEpoch, lastFetchedEpoch, ...rest } = options
  const { maxBytes, isolationLevel, sessionId, sessionEpoch, rackId } = rest
  const rows = partitions.map((partition) => ({
    partition,
    fetchOffset: BigInt(offset),
    partitionMaxBytes,
    ...(currentLeaderEpoch !== undefined && { currentLeaderEpoch }),
    ...(lastFetchedEpoch !== undefined && { lastFetchedEpoch }),
  }))
  return {
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel,
    sessionId,
    sessionEpoch,
    rackId,
    topics: [{ ...(topicId === undefined ? { topic: name } : { topicId }), partitions: rows }],
    forgottenTopicsData: [],
  }
}
