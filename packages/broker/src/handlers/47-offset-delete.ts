import type { OffsetDeleteTopic, TopicResult } from '@odradek/coordinators'
import { ErrorCode, OffsetDelete, type OffsetDeleteRequestTopic } from '@odradek/protocol'
import { askGroup } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'

/** OffsetDelete 0 (KIP-496). Rows of unknown or forbidden topics are answered by themselves; an error of the group is the whole answer. */
export const offsetDelete = handler(
  OffsetDelete,
  [0, 0],
  async ({ groupId, topics }, context) => {
    if (!context.authorize('DELETE', 'GROUP', groupId)) return failed(ErrorCode.GROUP_AUTHORIZATION_FAILED)
    const sorted = await mapInTurns(context.services.clock, topics, (topic) => sortOut(topic, context))
    const wanted = sorted.flatMap((each) => each.wanted ?? [])
    const result = await askGroup<'OffsetDelete'>(context, groupId, { kind: 'OffsetDelete', groupId, topics: wanted })
    if (result.errorCode !== ErrorCode.NONE) return failed(result.errorCode)
    return { errorCode: ErrorCode.NONE, topics: merged(sorted, result.topics) }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

/** A topic's rows that are answered at once, and those that the group is asked about. */
interface SortedTopic {
  readonly refused: TopicResult
  readonly wanted: OffsetDeleteTopic | null
}

function sortOut({ name, partitions }: OffsetDeleteRequestTopic, context: RequestContext): SortedTopic {
  const mayRead = context.authorize('READ', 'TOPIC', name)
  const topic = mayRead ? context.services.cluster.topic(name) : undefined
  const errorCode = mayRead ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.TOPIC_AUTHORIZATION_FAILED
  const isKnown = (index: number) => topic?.partitions[index] !== undefined
  const refused = partitions.filter(({ partitionIndex }) => !isKnown(partitionIndex))
  const wanted = partitions.filter(({ partitionIndex }) => isKnown(partitionIndex))
  return {
    refused: { name, partitions: refused.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) },
    wanted: wanted.length === 0 ? null : { name, partitions: wanted },
  }
}

/** One row a topic, as clients keep them in a map. */
function merged(sorted: readonly SortedTopic[], answered: readonly TopicResult[]): TopicResult[] {
  const rows = new Map<string, TopicResult>()
  for (const { name, partitions } of [...sorted.map(({ refused }) => refused), ...answered])
    rows.set(name, { name, partitions: [...(rows.get(name)?.partitions ?? []), ...partitions] })
  return [...rows.values()]
}

function failed(errorCode: ErrorCode) {
  return { errorCode, topics: [] }
}
