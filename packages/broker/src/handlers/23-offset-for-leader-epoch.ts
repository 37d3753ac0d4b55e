import { leaderEpoch, type Offset } from '@odradek/core'
import {
  ErrorCode,
  OffsetForLeaderEpoch,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochRequestPartition,
} from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { inSlices } from '../in-slices.ts'
import { endOfEpoch } from '../partitions/epoch-end.ts'
import { leaderError } from '../partitions/leadership.ts'
import type { RequestContext } from '../request-context.ts'

const UNDEFINED_EPOCH = -1

/** OffsetForLeaderEpoch 0-4, of consumers and of whoever else asks the leader. Kafka 4 begins at version 2. */
export const offsetForLeaderEpoch = handler(
  OffsetForLeaderEpoch,
  [0, 4],
  (request, context) => {
    // Brokers asked first; since KIP-320 consumers do too, who need not have a broker's right.
    const isBroker = context.authorize('CLUSTER_ACTION', 'CLUSTER', CLUSTER_RESOURCE)
    return {
      topics: request.topics.map(({ topic, partitions }) => {
        const mayAsk = isBroker || context.authorize('DESCRIBE', 'TOPIC', topic)
        const rowOfPartition = (row: OffsetForLeaderEpochRequestPartition) =>
          mayAsk ? endOffsetOf(topic, row, context) : failed(row.partition, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
        return { topic, partitions: partitions.map(rowOfPartition) }
      }),
    }
  },
  {
    onBug: (request) => everyRow(request, ErrorCode.UNKNOWN_SERVER_ERROR),
    slices: inSlices({
      rows: ({ topics }) => topics,
      only: (request, topics) => ({ ...request, topics: [...topics] }),
      join: (responses) => ({ topics: responses.flatMap(({ topics }) => topics) }),
    }),
  },
)

function endOffsetOf(name: string, row: OffsetForLeaderEpochRequestPartition, context: RequestContext) {
  const { cluster, partitions } = context.services
  const topic = cluster.topic(name)
  const partition = topic === undefined ? null : partitions.find(topic, row.partition)
  if (partition === null) return failed(row.partition, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  const refusal = leaderError(partition.view, context.node, row.currentLeaderEpoch)
  if (refusal !== ErrorCode.NONE) return failed(row.partition, refusal)
  if (partition.log.failure !== null) return failed(row.partition, ErrorCode.KAFKA_STORAGE_ERROR)
  if (row.leaderEpoch === UNDEFINED_EPOCH) return failed(row.partition, ErrorCode.NONE)
  const end = endOfEpoch(partition.log, leaderEpoch(row.leaderEpoch))
  if (end === null) return failed(row.partition, ErrorCode.NONE)
  return rowOf(row.partition, ErrorCode.NONE, end.leaderEpoch, end.endOffset)
}

function rowOf(partition: number, errorCode: ErrorCode, epoch: number, endOffset: Offset | -1) {
  return { partition, errorCode, leaderEpoch: epoch, endOffset: BigInt(endOffset) }
}

/** Without an error: the epoch is not known here. */
function failed(partition: number, errorCode: ErrorCode) {
  return rowOf(partition, errorCode, UNDEFINED_EPOCH, -1)
}

function everyRow(request: OffsetForLeaderEpochRequest, errorCode: ErrorCode) {
  return {
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => failed(partition, errorCode)),
    })),
  }
}
