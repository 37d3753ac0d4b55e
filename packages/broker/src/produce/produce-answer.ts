import type { NodeId } from '@odradek/core'
import {
  ErrorCode,
  type ProduceRequest,
  type ProduceResponseInput,
  type ProduceResponsePartitionInput,
} from '@odradek/protocol'
import { countersOf } from '../metrics/counters-of.ts'
import { nodeEndpoints } from '../partitions/leadership.ts'
import type { RequestContext } from '../request-context.ts'
import { ProduceRow } from './produce-row.ts'
import type { ProduceTopic } from './produce-topics.ts'

export function produceResponse(topics: readonly ProduceTopic[], context: RequestContext): ProduceResponseInput {
  countProduced(topics, context)
  const responses = topics.map(({ name, topicId, rows }) => ({
    name,
    topicId,
    partitionResponses: rows.map(partitionResponse),
  }))
  const leaders = namedLeaders(topics)
  return leaders === null ? { responses } : { responses, nodeEndpoints: nodeEndpoints(context, leaders) }
}

/** Null where no row names one, as nearly always. */
function namedLeaders(topics: readonly ProduceTopic[]): ReadonlySet<NodeId> | null {
  let leaders: Set<NodeId> | null = null
  for (const { rows } of topics)
    for (const { currentLeader } of rows) {
      if (currentLeader === null) continue
      leaders ??= new Set()
      leaders.add(currentLeader.leaderId)
    }
  return leaders
}

/** For the metrics: each partition of the request once, when it is answered or gets no answer. */
export function countProduced(topics: readonly ProduceTopic[], context: RequestContext): void {
  for (const { topic, rows } of topics) {
    const counters = countersOf(topic, context)
    counters.produceRequests += rows.length
    for (const { errorCode } of rows) if (errorCode !== ErrorCode.NONE) counters.failedProduceRequests++
  }
}

/** The same error in every row of the request. */
export function failedProduceResponse(request: ProduceRequest, errorCode: ErrorCode): ProduceResponseInput {
  return {
    responses: request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => {
        const row = new ProduceRow(index, null)
        row.refuse(errorCode)
        return partitionResponse(row)
      }),
    })),
  }
}

function partitionResponse(row: ProduceRow): ProduceResponsePartitionInput {
  const { index, errorCode, logAppendTimeMs, errorMessage, currentLeader } = row
  const response = {
    index,
    errorCode,
    baseOffset: row.baseOffset,
    logAppendTimeMs,
    logStartOffset: row.logStartOffset,
    recordErrors: row.recordErrors.map(({ batchIndex, message }) => ({ batchIndex, batchIndexErrorMessage: message })),
    errorMessage,
  }
  return currentLeader === null ? response : { ...response, currentLeader }
}

/** The first error of any row, for ending a connection that gets no answer. */
export function firstError(topics: readonly ProduceTopic[]): ErrorCode {
  for (const { rows } of topics) {
    for (const { errorCode } of rows) if (errorCode !== ErrorCode.NONE) return errorCode
  }
  return ErrorCode.NONE
}
