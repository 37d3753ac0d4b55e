import type { FetchedPartition, OffsetFetchTopic } from '@odradek/coordinators'
import { type TopicId, topicId, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'
import { askGroup } from './ask-group.ts'

const TOPIC_ID_VERSION_MIN = 10

/** What one group is asked for, in whatever version. */
export interface OffsetsWanted {
  readonly groupId: string
  readonly memberId: string | null
  readonly memberEpoch: number
  readonly requireStable: boolean
  /** Null: all that the group has. */
  readonly topics:
    | readonly { readonly name: string; readonly topicId: string; readonly partitionIndexes: readonly number[] }[]
    | null
}

export interface TopicOffsets {
  readonly name: string
  readonly topicId: TopicId
  readonly partitions: readonly FetchedPartition[]
}

export interface GroupOffsets {
  readonly errorCode: ErrorCode
  readonly topics: readonly TopicOffsets[]
}

/** The offsets of one group, as far as the principal may know of them. */
export async function fetchGroupOffsets(wanted: OffsetsWanted, context: RequestContext): Promise<GroupOffsets> {
  if (!context.authorize('DESCRIBE', 'GROUP', wanted.groupId))
    return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, topics: [] }
  return wanted.topics === null ? fetchAll(wanted, context) : fetchNamed(wanted, wanted.topics, context)
}

/** Topics that may not be described are left out without a word; by id (version 10) also those that are gone. */
async function fetchAll(wanted: OffsetsWanted, context: RequestContext): Promise<GroupOffsets> {
  const { errorCode, topics } = await ask(wanted, null, context)
  const byId = context.version >= TOPIC_ID_VERSION_MIN
  return {
    errorCode,
    topics: topics.flatMap((topic) => {
      if (!context.authorize('DESCRIBE', 'TOPIC', topic.name)) return []
      const id = topic.topicId === ZERO_TOPIC_ID ? context.services.cluster.topic(topic.name)?.id : topic.topicId
      if (id === undefined) return byId ? [] : [topic]
      return [{ ...topic, topicId: id }]
    }),
  }
}

async function fetchNamed(
  wanted: OffsetsWanted,
  asked: NonNullable<OffsetsWanted['topics']>,
  context: RequestContext,
): Promise<GroupOffsets> {
  const rows = await mapInTurns(context.services.clock, asked, (topic) => resolve(topic, context))
  const known = rows.flatMap(({ command }) => command ?? [])
  const { errorCode, topics } = await ask(wanted, known, context)
  if (errorCode !== ErrorCode.NONE) return { errorCode, topics: [] }
  const answers = topics.values()
  return {
    errorCode,
    topics: rows.map(({ name, id, partitionIndexes, refusal, command }) => {
      const answer = command === null ? undefined : answers.next().value
      return { name, topicId: id, partitions: answer?.partitions ?? noOffsets(partitionIndexes, refusal) }
    }),
  }
}

interface ResolvedTopic {
  readonly name: string
  readonly id: TopicId
  readonly partitionIndexes: readonly number[]
  readonly refusal: ErrorCode
  readonly command: OffsetFetchTopic | null
}

/** An unknown name is no error, since it may have offsets still; an unknown id is one. */
function resolve(
  { name, topicId: wireId, partitionIndexes }: NonNullable<OffsetsWanted['topics']>[number],
  context: RequestContext,
): ResolvedTopic {
  const { cluster } = context.services
  const byId = context.version >= TOPIC_ID_VERSION_MIN
  const id = byId ? topicId(wireId) : (cluster.topic(name)?.id ?? ZERO_TOPIC_ID)
  const known = byId ? cluster.topicById(id)?.name : name
  const refused = { name, id, partitionIndexes, command: null }
  if (known === undefined) return { ...refused, refusal: ErrorCode.UNKNOWN_TOPIC_ID }
  if (!context.authorize('DESCRIBE', 'TOPIC', known))
    return { ...refused, refusal: ErrorCode.TOPIC_AUTHORIZATION_FAILED }
  const command = { name: known, topicId: id, partitionIndexes }
  return { name: known, id, partitionIndexes, refusal: ErrorCode.NONE, command }
}

async function ask(
  wanted: OffsetsWanted,
  topics: readonly OffsetFetchTopic[] | null,
  context: RequestContext,
): Promise<GroupOffsets> {
  const { groupId, memberId, memberEpoch, requireStable } = wanted
  const command = { kind: 'OffsetFetch', groupId, memberId, memberEpoch, requireStable, topics } as const
  return askGroup<'OffsetFetch'>(context, groupId, command)
}

/** Rows that say only `errorCode`. */
export function noOffsets(partitionIndexes: readonly number[], errorCode: ErrorCode): FetchedPartition[] {
  return partitionIndexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: -1n,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode,
  }))
}
