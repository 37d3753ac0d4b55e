import type { OffsetCommitTopic } from '@odradek/coordinators'
import { topicId } from '@odradek/core'
import { ErrorCode, OffsetCommit, type OffsetCommitRequest, type OffsetCommitRequestTopic } from '@odradek/protocol'
import type { TopicView } from '../cluster-view.ts'
import { askGroup } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

const GROUP_ID_NOT_FOUND_VERSION_MIN = 9
const TOPIC_ID_VERSION_MIN = 10

interface Row {
  readonly partitionIndex: number
  errorCode: ErrorCode
}

/** A topic of the request: its rows in order, and those of them that the group is asked for. */
interface Plan {
  readonly asked: OffsetCommitRequestTopic
  readonly rows: Row[]
  readonly accepted: Row[]
  readonly command: OffsetCommitTopic | null
}

/**
 * OffsetCommit 0-10. A time of commit in version 1, a retention time in 2 to 4, static members from 7, topic ids from
 * 10. Kafka kept version 0 in ZooKeeper; here it commits like the others, for a consumer without a group. Rows that name
 * no topic or partition are answered whatever the group says, and the group is not asked when no row is left.
 */
export const offsetCommit = handler(
  OffsetCommit,
  [0, 10],
  async (request, context) => {
    if (!context.authorize('READ', 'GROUP', request.groupId))
      return everyRow(request, ErrorCode.GROUP_AUTHORIZATION_FAILED)
    const plans = request.topics.filter(hasPartitions).map((topic) => plan(topic, context))
    const topics = plans.flatMap(({ command }) => command ?? [])
    if (topics.length > 0) {
      const result = await askGroup<'OffsetCommit'>(context, request.groupId, commandOf(request, topics, context))
      const planned = plans.filter(({ command }) => command !== null)
      for (const [index, { accepted }] of planned.entries()) {
        const partitions = result.topics[index]?.partitions ?? []
        for (const [at, row] of accepted.entries())
          row.errorCode = partitions[at]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
      }
    }
    return { topics: plans.map(({ asked, rows }) => ({ name: asked.name, topicId: asked.topicId, partitions: rows })) }
  },
  { onBug: (request) => everyRow(request, ErrorCode.UNKNOWN_SERVER_ERROR) },
)

/** A topic without partitions is left out of Kafka's answer. */
function hasPartitions({ partitions }: OffsetCommitRequestTopic): boolean {
  return partitions.length > 0
}

function commandOf(request: OffsetCommitRequest, topics: readonly OffsetCommitTopic[], { version }: RequestContext) {
  return {
    kind: 'OffsetCommit',
    groupId: request.groupId,
    generationIdOrMemberEpoch: request.generationIdOrMemberEpoch,
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    retentionTimeMs: request.retentionTimeMs,
    knowsGroupIdNotFound: version >= GROUP_ID_NOT_FOUND_VERSION_MIN,
    topics,
  } as const
}

function plan(asked: OffsetCommitRequestTopic, context: RequestContext): Plan {
  const topic = topicOf(asked, context)
  const rows = asked.partitions.map(({ partitionIndex }) => ({
    partitionIndex,
    errorCode: errorOf(topic, partitionIndex),
  }))
  if (typeof topic === 'number') return { asked, rows, accepted: [], command: null }
  const partitions = asked.partitions.filter(({ partitionIndex }) => errorOf(topic, partitionIndex) === ErrorCode.NONE)
  const command = partitions.length === 0 ? null : { name: topic.name, topicId: topic.id, partitions }
  return { asked, rows, accepted: rows.filter(({ errorCode }) => errorCode === ErrorCode.NONE), command }
}

/** An unknown id tells nothing of a topic, so rights are asked after it; a name may be a secret. */
function topicOf(asked: OffsetCommitRequestTopic, context: RequestContext): TopicView | ErrorCode {
  const { cluster } = context.services
  if (context.version >= TOPIC_ID_VERSION_MIN) {
    const topic = cluster.topicById(topicId(asked.topicId))
    if (topic === undefined) return ErrorCode.UNKNOWN_TOPIC_ID
    return context.authorize('READ', 'TOPIC', topic.name) ? topic : ErrorCode.TOPIC_AUTHORIZATION_FAILED
  }
  if (!context.authorize('READ', 'TOPIC', asked.name)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  return cluster.topic(asked.name) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

function errorOf(topic: TopicView | ErrorCode, partitionIndex: number): ErrorCode {
  if (typeof topic === 'number') return topic
  return topic.partitions[partitionIndex] === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE
}

function everyRow(request: OffsetCommitRequest, errorCode: ErrorCode) {
  return {
    topics: request.topics.map(({ name, topicId: id, partitions }) => ({
      name,
      topicId: id,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }
}
