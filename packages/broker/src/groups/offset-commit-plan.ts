import type { OffsetCommitPartition, OffsetCommitTopic, TopicResult } from '@odradek/coordinators'
import { topicId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { TopicView } from '../cluster-view.ts'
import { mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'

/** A topic of OffsetCommit or TxnOffsetCommit, which names a time of commit in one version of one of them alone. */
interface TopicToCommit {
  readonly name: string
  readonly topicId: string
  readonly partitions: readonly (Omit<OffsetCommitPartition, 'commitTimestamp'> &
    Partial<Pick<OffsetCommitPartition, 'commitTimestamp'>>)[]
}

interface Row {
  readonly partitionIndex: number
  errorCode: ErrorCode
}

/** A topic of the request: its rows in order, and those of them that the group is asked for. */
interface Plan {
  readonly asked: TopicToCommit
  readonly rows: Row[]
  readonly accepted: Row[]
  readonly command: OffsetCommitTopic | null
}

const NO_COMMIT_TIMESTAMP = -1n

/**
 * Answers for rows that name no topic or partition, whatever the group says, and asks the group for the others: not at
 * all when none is left.
 */
export async function commitRows(
  topics: readonly TopicToCommit[],
  byId: boolean,
  context: RequestContext,
  askGroup: (topics: readonly OffsetCommitTopic[]) => Promise<{ readonly topics: readonly TopicResult[] }>,
) {
  // A topic without partitions is left out of Kafka's answer.
  const { clock } = context.services
  const named = topics.filter(({ partitions }) => partitions.length > 0)
  const plans = await mapInTurns(clock, named, (topic) => plan(topic, byId, context))
  const commands = plans.flatMap(({ command }) => command ?? [])
  if (commands.length > 0) {
    const result = await askGroup(commands)
    const planned = plans.filter(({ command }) => command !== null)
    for (const [index, { accepted }] of planned.entries()) {
      const partitions = result.topics[index]?.partitions ?? []
      for (const [at, row] of accepted.entries())
        row.errorCode = partitions[at]?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
    }
  }
  return { topics: plans.map(({ asked, rows }) => ({ name: asked.name, topicId: asked.topicId, partitions: rows })) }
}

/** The same code in every row. */
export function everyCommitRow(topics: readonly TopicToCommit[], errorCode: ErrorCode) {
  return {
    topics: topics.map(({ name, topicId: id, partitions }) => ({
      name,
      topicId: id,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }
}

function plan(asked: TopicToCommit, byId: boolean, context: RequestContext): Plan {
  const topic = topicOf(asked, byId, context)
  const rows = asked.partitions.map(({ partitionIndex }) => ({
    partitionIndex,
    errorCode: errorOf(topic, partitionIndex),
  }))
  if (typeof topic === 'number') return { asked, rows, accepted: [], command: null }
  const partitions = asked.partitions
    .filter(({ partitionIndex }) => errorOf(topic, partitionIndex) === ErrorCode.NONE)
    .map((partition) => ({ commitTimestamp: NO_COMMIT_TIMESTAMP, ...partition }))
  const command = partitions.length === 0 ? null : { name: topic.name, topicId: topic.id, partitions }
  return { asked, rows, accepted: rows.filter(({ errorCode }) => errorCode === ErrorCode.NONE), command }
}

/** An unknown id tells nothing of a topic, so rights are asked after it; a name may be a secret. */
function topicOf(asked: TopicToCommit, byId: boolean, context: RequestContext): TopicView | ErrorCode {
  const { cluster } = context.services
  if (byId) {
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
