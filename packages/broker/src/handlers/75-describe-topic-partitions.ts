import { ZERO_TOPIC_ID } from '@odradek/core'
import {
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequest,
  ErrorCode,
  type ResponseOf,
} from '@odradek/protocol'
import { authorizedOperations, OPERATIONS_NOT_REQUESTED } from '../authorized-operations.ts'
import { INTERNAL_TOPICS, type TopicView } from '../cluster-view.ts'
import { handler } from '../handler.ts'
import { mapInTurns, nextTurn, ROWS_PER_TURN } from '../in-turns.ts'
import { partitionMetadata } from '../metadata/partition-metadata.ts'
import { topicNameProblem } from '../metadata/topic-name.ts'
import type { RequestContext } from '../request-context.ts'

type Response = ResponseOf<typeof DescribeTopicPartitions>
type Topic = Response['topics'][number]
type Cursor = NonNullable<Response['nextCursor']>

/**
 * DescribeTopicPartitions 0 (KIP-966). Topics come in order of their names, in pages of at most
 * `max.request.partition.size.limit` partitions; the cursor says where the next page begins.
 */
export const describeTopicPartitions = handler(
  DescribeTopicPartitions,
  [0, 0],
  async (request, context) => {
    const errorCode = requestError(request)
    if (errorCode !== ErrorCode.NONE) return errorResponse(request, errorCode)
    const all = request.topics.length === 0
    const names = namesOf(request, context)
    const hidden = new Set<string>()
    await mapInTurns(context.services.clock, names, (name) => {
      if (!context.authorize('DESCRIBE', 'TOPIC', name)) hidden.add(name)
    })
    const page = await fillPage(
      names.filter((name) => !hidden.has(name)),
      request,
      context,
    )
    const denied = all ? [] : Array.from(hidden, unauthorized)
    return { topics: [...page.topics, ...denied], nextCursor: page.nextCursor }
  },
  { onBug: (request) => errorResponse(request, ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function requestError({ topics, cursor }: DescribeTopicPartitionsRequest): ErrorCode {
  if (topics.some(({ name }) => name === '')) return ErrorCode.UNKNOWN_SERVER_ERROR
  if (cursor === null) return ErrorCode.NONE
  const isKnown = topics.length === 0 || topics.some(({ name }) => name === cursor.topicName)
  return isKnown && cursor.partitionIndex >= 0 ? ErrorCode.NONE : ErrorCode.INVALID_REQUEST
}

function errorResponse({ topics }: DescribeTopicPartitionsRequest, errorCode: ErrorCode): Response {
  return { topics: topics.map(({ name }) => failed(name, errorCode)), nextCursor: null }
}

/** Each once, sorted, from the cursor's on. */
function namesOf({ topics, cursor }: DescribeTopicPartitionsRequest, { services }: RequestContext): readonly string[] {
  const source: Iterable<{ readonly name: string }> = topics.length === 0 ? services.cluster.topics() : topics
  const names = new Set(Array.from(source, ({ name }) => name))
  const from = cursor?.topicName ?? ''
  return [...names].filter((name) => name >= from).sort()
}

async function fillPage(
  names: readonly string[],
  { topics: asked, cursor, responsePartitionLimit }: DescribeTopicPartitionsRequest,
  context: RequestContext,
): Promise<{ readonly topics: readonly Topic[]; readonly nextCursor: Cursor | null }> {
  const { clock, cluster, settings } = context.services
  let left = Math.max(1, Math.min(settings.maxRequestPartitionSizeLimit, responsePartitionLimit))
  const topics: Topic[] = []
  for (const [at, topicName] of names.entries()) {
    // Topics that are not there fill no page.
    if (at > 0 && at % ROWS_PER_TURN === 0) await nextTurn(clock)
    if (left === 0) return { topics, nextCursor: { topicName, partitionIndex: 0 } }
    const topic = cluster.topic(topicName)
    if (topic === undefined) {
      if (asked.length > 0) topics.push({ ...missing(topicName), ...operationsOf(topicName, context) })
      continue
    }
    const first = cursor?.topicName === topicName ? cursor.partitionIndex : 0
    const end = Math.min(topic.partitions.length, first + left)
    topics.push(found(topic, first, end, context))
    if (end < topic.partitions.length) return { topics, nextCursor: { topicName, partitionIndex: end } }
    left -= Math.max(0, end - first)
  }
  return { topics, nextCursor: null }
}

function found(topic: TopicView, first: number, end: number, context: RequestContext): Topic {
  const { listener } = context.connection
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions: topic.partitions.slice(first, end).map((partition) => ({
      ...partitionMetadata(topic, partition, context.services, listener, ErrorCode.LISTENER_NOT_FOUND),
      eligibleLeaderReplicas: partition.eligible?.replicas ?? [],
      lastKnownElr: partition.eligible?.lastKnown ?? [],
    })),
    ...operationsOf(topic.name, context),
  }
}

function operationsOf(name: string, context: RequestContext): { readonly topicAuthorizedOperations: number } {
  return { topicAuthorizedOperations: authorizedOperations(context, 'TOPIC', name) }
}

function missing(name: string): Topic {
  const isLegal = topicNameProblem(name) === null
  const errorCode = isLegal ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION
  return { ...failed(name, errorCode), isInternal: INTERNAL_TOPICS.has(name) }
}

function unauthorized(name: string): Topic {
  return failed(name, ErrorCode.TOPIC_AUTHORIZATION_FAILED)
}

function failed(name: string, errorCode: ErrorCode): Topic {
  return {
    errorCode,
    name,
    topicId: ZERO_TOPIC_ID,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_NOT_REQUESTED,
  }
}
