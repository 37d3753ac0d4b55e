import type { NodeId } from '@odradek/core'
import {
  ErrorCode,
  type FetchRequest,
  type FetchResponseInput,
  type FetchResponsePartitionInput,
  type FetchResponseTopicInput,
} from '@odradek/protocol'
import { countersOf } from '../metrics/counters-of.ts'
import { nodeEndpoints } from '../partitions/leadership.ts'
import type { RequestContext } from '../request-context.ts'
import { TOPIC_ID_VERSION_MIN } from './answer-bytes.ts'
import type { FetchAnswer } from './fetch-sessions.ts'
import { type FetchedRow, NO_RECORDS } from './fetched-row.ts'

/** The response; the memory of its records is given back once it has been sent. */
export function fetchResponse(answer: FetchAnswer, context: RequestContext): FetchResponseInput {
  const responses: (FetchResponseTopicInput & { readonly partitions: FetchResponsePartitionInput[] })[] = []
  const leaders = new Set<NodeId>()
  let last: FetchedRow['target'] | null = null
  for (const row of answer.rows) {
    const { target } = row
    if (last === null || last.topicId !== target.topicId || last.topicName !== target.topicName)
      responses.push({ topic: target.topicName, topicId: target.topicId, partitions: [] })
    last = target
    responses.at(-1)?.partitions.push(partitionResponse(row))
    if (row.currentLeader !== null) leaders.add(row.currentLeader.leaderId)
    if (row.records.length > 0) context.onSent(() => row.release())
    countFetched(row, context)
  }
  return {
    errorCode: answer.errorCode,
    sessionId: answer.sessionId,
    responses,
    ...(leaders.size > 0 && { nodeEndpoints: nodeEndpoints(context, leaders) }),
  }
}

function countFetched({ target, errorCode, records }: FetchedRow, context: RequestContext): void {
  const { services, node } = context
  const name = target.topicName
  if (errorCode === ErrorCode.NONE) {
    const counters = countersOf(services.cluster.topic(name) ?? null, context)
    counters.fetchRequests++
    counters.bytesOut += records.length
  } else {
    const counters = services.metrics.of(node).topics.existing(name)
    counters.fetchRequests++
    counters.failedFetchRequests++
  }
}

function partitionResponse(row: FetchedRow): FetchResponsePartitionInput {
  const { currentLeader, divergingEpoch } = row
  return {
    partitionIndex: row.target.partition,
    errorCode: row.errorCode,
    highWatermark: BigInt(row.highWatermark),
    lastStableOffset: BigInt(row.lastStableOffset),
    logStartOffset: BigInt(row.logStartOffset),
    abortedTransactions:
      row.abortedTransactions?.map(({ producerId, firstOffset }) => ({
        producerId,
        firstOffset: BigInt(firstOffset),
      })) ?? null,
    preferredReadReplica: row.preferredReadReplica,
    records: row.records,
    ...(divergingEpoch !== null && {
      divergingEpoch: { epoch: divergingEpoch.leaderEpoch, endOffset: BigInt(divergingEpoch.endOffset) },
    }),
    ...(currentLeader !== null && { currentLeader }),
  }
}

/** What Kafka answers when it fails inside: the same error at the top and, where topics have names, in every row of the request. */
export function failedFetchResponse(request: FetchRequest, version: number): FetchResponseInput {
  const topics = version < TOPIC_ID_VERSION_MIN ? request.topics : []
  return {
    errorCode: ErrorCode.UNKNOWN_SERVER_ERROR,
    sessionId: request.sessionId,
    responses: topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => ({
        partitionIndex: partition,
        errorCode: ErrorCode.UNKNOWN_SERVER_ERROR,
        highWatermark: -1n,
        lastStableOffset: -1n,
        logStartOffset: -1n,
        abortedTransactions: [],
        preferredReadReplica: -1,
        records: NO_RECORDS,
      })),
    })),
  }
}
