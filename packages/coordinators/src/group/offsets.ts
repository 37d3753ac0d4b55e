import { type ProducerId, type TopicId, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { recordsBytes } from '../runtime/records-bytes.ts'
import type { CoordinatorRecord } from '../runtime/shard.ts'
import type { ClassicGroup } from './classic/group.ts'
import { findMember } from './classic/members.ts'
import { restartSession } from './classic/sessions.ts'
import type {
  DropTopicCommand,
  FetchedPartition,
  FetchedTopic,
  OffsetCommitCommand,
  OffsetCommitPartition,
  OffsetCommitTopic,
  OffsetDeleteCommand,
  OffsetDeleteResult,
  OffsetFetchCommand,
  OffsetFetchResult,
  PartitionResult,
  TopicResult,
  TxnOffsetCommitCommand,
} from './commands.ts'
import type { OffsetStore } from './offset-store.ts'
import { type CommittedOffset, NO_EXPIRY, offsetCommitRecord, offsetTombstone } from './records.ts'
import { everyPartition } from './topic-results.ts'
import type { Turn } from './turn.ts'

/** Versions 2 to 4: the broker's retention counts. */
export const NO_RETENTION_TIME = -1n
/** Version 1: the time of the commit counts. */
const NO_COMMIT_TIMESTAMP = -1n
const INT64_MAX = 2n ** 63n - 1n

export interface Commit extends Pick<OffsetCommitCommand, 'groupId' | 'retentionTimeMs' | 'topics'> {
  /** Null: outside of a transaction. */
  readonly producerId: ProducerId | null
}

/** Whether whoever commits may do so in this group; a member that may has shown that it lives. */
export function checkCommit(group: ClassicGroup | undefined, command: OffsetCommitCommand, turn: Turn): ErrorCode {
  const { generationIdOrMemberEpoch: generationId, memberId, groupInstanceId } = command
  if (group === undefined) {
    if (generationId < 0) return ErrorCode.NONE
    return command.knowsGroupIdNotFound ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION
  }
  // Administrators and consumers that assign themselves: nobody else's offsets are at stake.
  if (generationId < 0 && group.state === 'Empty') return ErrorCode.NONE
  if (generationId < 0 && memberId === '' && groupInstanceId === null) return ErrorCode.UNKNOWN_MEMBER_ID
  const member = findMember(group, memberId, groupInstanceId)
  if (typeof member === 'number') return member
  if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  // It knows the new generation but not its assignment, so what it commits may be another's by now.
  if (group.state === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS
  restartSession(group, member, turn)
  return ErrorCode.NONE
}

/** As checkCommit. Who says nothing of a member is believed, since the transaction is its own; nobody's session is touched. */
export function checkTransactionalCommit(group: ClassicGroup | undefined, command: TxnOffsetCommitCommand): ErrorCode {
  const { groupId, generationIdOrMemberEpoch: generationId, memberId, groupInstanceId } = command
  if (groupId === '') return ErrorCode.INVALID_GROUP_ID
  if (group === undefined) return generationId < 0 ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
  const namesNobody = memberId === '' && groupInstanceId === null
  if (generationId < 0 && (namesNobody || group.state === 'Empty')) return ErrorCode.NONE
  const member = findMember(group, memberId, groupInstanceId)
  if (typeof member === 'number') return member
  return generationId === group.generationId ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
}

/** The rows of the answer; the records of all that may be stored go into the turn, or none does. */
export function commitOffsets(offsets: OffsetStore, command: Commit, turn: Turn): readonly TopicResult[] {
  const records: CoordinatorRecord[] = []
  const { offsetMetadataMaxBytes, groupBytesMax, offsetsMax } = turn.config
  let growth = 0
  let added = 0
  const results = command.topics.map((topic) => ({
    name: topic.name,
    partitions: topic.partitions.map((partition): PartitionResult => {
      const { partitionIndex } = partition
      const metadataChars = partition.committedMetadata?.length ?? 0
      const ofRow = offsets.growthOf(command.groupId, topic.name, partitionIndex, metadataChars)
      const hasRoom = offsets.hasRoomFor(ofRow, groupBytesMax - Math.max(0, growth))
      if (metadataChars > offsetMetadataMaxBytes || !hasRoom) {
        return { partitionIndex, errorCode: ErrorCode.OFFSET_METADATA_TOO_LARGE }
      }
      if (!offsets.has(command.groupId, topic.name, partitionIndex, command.producerId)) {
        if (!offsets.hasRoomForMore(added + 1, offsetsMax)) {
          return { partitionIndex, errorCode: ErrorCode.POLICY_VIOLATION }
        }
        added += 1
      }
      growth += ofRow
      const committed = committedOffset(command, topic, partition, turn)
      records.push(offsetCommitRecord(command.groupId, topic.name, partitionIndex, committed))
      return { partitionIndex, errorCode: ErrorCode.NONE }
    }),
  }))
  if (recordsBytes(records) > turn.config.appendBytesMax)
    return everyPartition(command.topics, ErrorCode.UNKNOWN_SERVER_ERROR)
  for (const record of records) turn.record(record)
  return results
}

function committedOffset(
  command: Commit,
  topic: OffsetCommitTopic,
  partition: OffsetCommitPartition,
  turn: Turn,
): CommittedOffset {
  const nowMs = BigInt(Math.trunc(turn.now.wallMs))
  return {
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata ?? '',
    commitTimestampMs: partition.commitTimestamp === NO_COMMIT_TIMESTAMP ? nowMs : partition.commitTimestamp,
    expireTimestampMs:
      command.retentionTimeMs === NO_RETENTION_TIME ? NO_EXPIRY : expiryAfter(nowMs, command.retentionTimeMs),
    topicId: topic.topicId,
  }
}

function expiryAfter(nowMs: bigint, retentionTimeMs: bigint): bigint {
  const expireMs = nowMs + retentionTimeMs
  return expireMs > INT64_MAX ? INT64_MAX : expireMs
}

/** A group that does not exist has no offsets, which is no error: clients ask before their first commit. */
export function fetchOffsets(offsets: OffsetStore, command: OffsetFetchCommand): OffsetFetchResult {
  const topics = command.topics === null ? allTopics(offsets, command) : askedTopics(offsets, command)
  return { kind: 'OffsetFetch', errorCode: ErrorCode.NONE, topics }
}

function askedTopics(offsets: OffsetStore, command: OffsetFetchCommand): readonly FetchedTopic[] {
  return (command.topics ?? []).map(({ name, topicId, partitionIndexes }) => ({
    name,
    topicId,
    partitions: partitionIndexes.map((partitionIndex) => {
      if (command.requireStable && offsets.pending.has(command.groupId, name, partitionIndex)) {
        return unstable(partitionIndex)
      }
      const committed = offsets.get(command.groupId, name, partitionIndex)
      return committed !== null && isOfTopic(committed, topicId)
        ? fetched(partitionIndex, committed)
        : notFetched(partitionIndex)
    }),
  }))
}

/**
 * One row for each topic id, should offsets of an earlier topic of that name be left. As in Kafka a partition that has
 * pending offsets alone is left out.
 */
function allTopics(
  offsets: OffsetStore,
  { groupId, requireStable }: Pick<OffsetFetchCommand, 'groupId' | 'requireStable'>,
): readonly FetchedTopic[] {
  const topics: FetchedTopic[] = []
  for (const [name, partitions] of offsets.ofGroup(groupId)) {
    const byTopicId = new Map<TopicId, FetchedPartition[]>()
    for (const [partitionIndex, committed] of partitions) {
      const isUnstable = requireStable && offsets.pending.has(groupId, name, partitionIndex)
      const row = isUnstable ? unstable(partitionIndex) : fetched(partitionIndex, committed)
      const rows = byTopicId.get(committed.topicId)
      if (rows === undefined) byTopicId.set(committed.topicId, [row])
      else rows.push(row)
    }
    for (const [topicId, rows] of byTopicId) topics.push({ name, topicId, partitions: rows })
  }
  return topics
}

function fetched(partitionIndex: number, committed: CommittedOffset): FetchedPartition {
  const { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata } = committed
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode: ErrorCode.NONE }
}

function notFetched(partitionIndex: number): FetchedPartition {
  return { partitionIndex, committedOffset: -1n, committedLeaderEpoch: -1, metadata: '', errorCode: ErrorCode.NONE }
}

/** A transaction will say more: whoever began from here would perhaps do twice what it has done. (KIP-447) */
function unstable(partitionIndex: number): FetchedPartition {
  return { ...notFetched(partitionIndex), errorCode: ErrorCode.UNSTABLE_OFFSET_COMMIT }
}

/** Where one of the two ids is not known, the name decides. */
function isOfTopic(committed: CommittedOffset, topicId: TopicId): boolean {
  return committed.topicId === topicId || committed.topicId === ZERO_TOPIC_ID || topicId === ZERO_TOPIC_ID
}

export function deleteOffsets(
  group: ClassicGroup | undefined,
  offsets: OffsetStore,
  command: OffsetDeleteCommand,
  turn: Turn,
): OffsetDeleteResult {
  const { kind } = command
  if (command.groupId === '') return { kind, errorCode: ErrorCode.INVALID_GROUP_ID, topics: [] }
  if (group === undefined) return { kind, errorCode: ErrorCode.GROUP_ID_NOT_FOUND, topics: [] }
  if (group.state !== 'Empty' && !group.usesConsumerProtocol)
    return { kind, errorCode: ErrorCode.NON_EMPTY_GROUP, topics: [] }
  const topics = command.topics.flatMap((topic) => {
    if (group.isSubscribedTo(topic.name)) return everyPartition([topic], ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC)
    for (const { partitionIndex } of topic.partitions) {
      const isThere =
        offsets.get(command.groupId, topic.name, partitionIndex) !== null ||
        offsets.pending.has(command.groupId, topic.name, partitionIndex)
      if (isThere) turn.record(offsetTombstone(command.groupId, topic.name, partitionIndex))
    }
    return everyPartition([topic], ErrorCode.NONE)
  })
  return { kind, errorCode: ErrorCode.NONE, topics }
}

/** The groups stay, Empty or not; a topic of the same name made later starts without offsets. */
export function dropTopic(offsets: OffsetStore, command: DropTopicCommand, turn: Turn): void {
  const { name, topicId } = command
  for (const groupId of offsets.groupIds()) {
    const committed = offsets.ofGroup(groupId).get(name)
    for (const [partitionIndex, offset] of committed ?? []) {
      if (isOfTopic(offset, topicId)) turn.record(offsetTombstone(groupId, name, partitionIndex))
    }
    for (const [partitionIndex, byProducer] of offsets.pending.ofGroup(groupId).get(name) ?? []) {
      if (committed?.has(partitionIndex) === true) continue
      const isOfThis = [...byProducer.values()].some(({ offset }) => isOfTopic(offset, topicId))
      if (isOfThis) turn.record(offsetTombstone(groupId, name, partitionIndex))
    }
  }
}
