import type { OffsetDeleteTopic, TopicResult } from '@odradek/coordinators'
import { ErrorCode, OffsetDelete, type OffsetDeleteRequestTopic } from '@odradek/protocol'
import { askGroup } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

/** OffsetDelete 0 (KIP-496). Rows of unknown or forbidden topics are answered by themselves; an error of the group is the whole answer. */
export const offsetDelete = handler(
  OffsetDelete,
  [0, 0],
  async ({ groupId, topics }, context) => {
    if (!context.authorize('DELETE', 'GROUP', groupId)) return failed(ErrorCode.GROUP_AUTHORIZATION_FAILED)
    const refused = topics.map((topic) => refusedRows(topic, context))
    const wanted = topics.flatMap((topic) => wantedRows(topic, context))
    const result = await askGroup<'OffsetDelete'>(context, groupId, { kind: 'OffsetDelete', groupId, topics: wanted })
    if (result.errorCode !== ErrorCode.NONE) return failed(result.errorCode)
    return { errorCode: ErrorCode.NONE, topics: merged(refused, result.topics) }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function errorOf(name: string, partitionIndex: number, context: RequestContext): ErrorCode {
  if (!context.authorize('READ', 'TOPIC', name)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED
  const known = context.services.cluster.topic(name)?.partitions[partitionIndex] !== undefined
  return known ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

function refusedRows({ name, partitions }: OffsetDeleteRequestTopic, context: RequestContext): TopicResult {
  const rows = partitions.map(({ partitionIndex }) => ({
    partitionIndex,
    errorCode: errorOf(name, partitionIndex, context),
  }))
  return { name, partitions: rows.filter(({ errorCode }) => errorCode !== ErrorCode.NONE) }
}

function wantedRows({ name, partitions }: OffsetDeleteRequestTopic, context: RequestContext): OffsetDeleteTopic[] {
  const rows = partitions.filter(({ partitionIndex }) => errorOf(name, partitionIndex, context) === ErrorCode.NONE)
  return rows.length === 0 ? [] : [{ name, partitions: rows }]
}

/** One row a topic, as clients keep them in a map. */
function merged(refused: readonly TopicResult[], answered: readonly TopicResult[]): TopicResult[] {
  const rows = new Map<string, TopicResult>()
  for (const { name, partitions } of [...refused, ...answered])
    rows.set(name, { name, partitions: [...(rows.get(name)?.partitions ?? []), ...partitions] })
  return [...rows.values()]
}

function failed(errorCode: ErrorCode) {
  return { errorCode, topics: [] }
}
