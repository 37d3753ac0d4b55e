import type { ProducerId, TopicId } from '@odradek/core'
import type { ErrorCode } from '@odradek/protocol'
import type { EndMarker } from '../runtime/shard.ts'

/**
 * What the group coordinator is asked and what it answers, in terms of the domain: handlers translate requests of every
 * version into these, and say by flags what depends on the version. Field names are the protocol's.
 *
 * Bytes in commands are copied before they are kept; bytes in responses belong to the coordinator and must not be written.
 */

/** One way of assigning that a member offers; the order of the list is its preference. */
export interface GroupProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

export interface JoinGroupCommand {
  readonly kind: 'JoinGroup'
  readonly groupId: string
  /** "" on the first join. */
  readonly memberId: string
  /** Null before version 5; "" is a static member's id like any other. */
  readonly groupInstanceId: string | null
  /** "" when the request header has none. */
  readonly clientId: string
  /** "/ip". */
  readonly clientHost: string
  /** 16 fresh random bytes: the random part of the id that a new member gets. */
  readonly memberIdBytes: Uint8Array
  readonly sessionTimeoutMs: number
  /** Version 0 has none: the session timeout. */
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  readonly protocols: readonly GroupProtocol[]
  /** Version 4 and up (KIP-394): a new dynamic member is answered MEMBER_ID_REQUIRED and has to come again with its id. */
  readonly requiresKnownMemberId: boolean
  /** Version 9 and up (KIP-814): a leader that came back under a new id may be told not to assign. */
  readonly supportsSkipAssignment: boolean
}

export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Uint8Array
}

export interface JoinGroupResult {
  readonly kind: 'JoinGroup'
  readonly errorCode: ErrorCode
  /** -1 on error. */
  readonly generationId: number
  readonly protocolType: string | null
  /** Null on error: below version 7 the handler sends "". */
  readonly protocolName: string | null
  readonly leader: string
  readonly skipAssignment: boolean
  readonly memberId: string
  /** All of the group for the leader, none for the others. */
  readonly members: readonly JoinedMember[]
}

export interface MemberAssignment {
  readonly memberId: string
  readonly assignment: Uint8Array
}

export interface SyncGroupCommand {
  readonly kind: 'SyncGroup'
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** Null below version 5: not compared. From version 5 on the handler refuses null itself, with INCONSISTENT_GROUP_PROTOCOL. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignments: readonly MemberAssignment[]
}

export interface SyncGroupResult {
  readonly kind: 'SyncGroup'
  readonly errorCode: ErrorCode
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Uint8Array
}

export interface HeartbeatCommand {
  readonly kind: 'Heartbeat'
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export interface HeartbeatResult {
  readonly kind: 'Heartbeat'
  readonly errorCode: ErrorCode
}

export interface LeavingMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** Up to version 2 one member, whose code the handler lifts to the top of the response. */
export interface LeaveGroupCommand {
  readonly kind: 'LeaveGroup'
  readonly groupId: string
  readonly members: readonly LeavingMember[]
}

export interface LeftMember extends LeavingMember {
  readonly errorCode: ErrorCode
}

export interface LeaveGroupResult {
  readonly kind: 'LeaveGroup'
  /** Not 0: nobody was looked at and `members` is empty. */
  readonly errorCode: ErrorCode
  /** In the order of the request. */
  readonly members: readonly LeftMember[]
}

export interface OffsetCommitPartition {
  readonly partitionIndex: number
  /** Any value is stored. */
  readonly committedOffset: bigint
  /** -1: not known. */
  readonly committedLeaderEpoch: number
  readonly committedMetadata: string | null
  /** Version 1 only: stands in for the time of the commit; -1 otherwise. */
  readonly commitTimestamp: bigint
}

export interface OffsetCommitTopic {
  readonly name: string
  /** Of the topic as it is now: an offset of an earlier topic of that name is never given out. */
  readonly topicId: TopicId
  readonly partitions: readonly OffsetCommitPartition[]
}

/**
 * The handler has already answered for rows of unknown or forbidden topics and partitions, and asks only if a row is
 * left: the group is not looked at for the others.
 */
export interface OffsetCommitCommand {
  readonly kind: 'OffsetCommit'
  /** "" is a group like any other here. */
  readonly groupId: string
  readonly generationIdOrMemberEpoch: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** Versions 2 to 4; -1: by the broker's `offsets.retention.minutes`. */
  readonly retentionTimeMs: bigint
  /** Version 9 and up (KIP-848): a missing group is GROUP_ID_NOT_FOUND, before that ILLEGAL_GENERATION. */
  readonly knowsGroupIdNotFound: boolean
  readonly topics: readonly OffsetCommitTopic[]
}

export interface PartitionResult {
  readonly partitionIndex: number
  readonly errorCode: ErrorCode
}

export interface TopicResult {
  readonly name: string
  readonly partitions: readonly PartitionResult[]
}

/** One row for each of the request's, in its order; an error of the whole group stands in every row. */
export interface OffsetCommitResult {
  readonly kind: 'OffsetCommit'
  readonly topics: readonly TopicResult[]
}

/**
 * Offsets that count once the transaction is committed. Whether it is open, and the group's partition in it, has been
 * asked of its coordinator; rows are as in OffsetCommit.
 */
export interface TxnOffsetCommitCommand {
  readonly kind: 'TxnOffsetCommit'
  readonly groupId: string
  readonly producerId: ProducerId
  readonly producerEpoch: number
  /** -1, as the next two "" and null, before version 3 (KIP-447): not known, and not looked at. */
  readonly generationIdOrMemberEpoch: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly topics: readonly OffsetCommitTopic[]
}

/** As of OffsetCommit. */
export interface TxnOffsetCommitResult {
  readonly kind: 'TxnOffsetCommit'
  readonly topics: readonly TopicResult[]
}

/** Internal: a producer's transaction has ended, in the whole partition of `__consumer_offsets`. */
export interface EndTransactionCommand extends EndMarker {
  readonly kind: 'EndTransaction'
}

export interface EndTransactionResult {
  readonly kind: 'EndTransaction'
  /** NONE: the marker is durable. */
  readonly errorCode: ErrorCode
}

export interface OffsetFetchTopic {
  readonly name: string
  /** The topic's id where the broker knows the topic, else ZERO_TOPIC_ID: then any stored id passes. */
  readonly topicId: TopicId
  readonly partitionIndexes: readonly number[]
}

export interface OffsetFetchCommand {
  readonly kind: 'OffsetFetch'
  readonly groupId: string
  /** Version 9 and up, for groups of KIP-848; null otherwise. */
  readonly memberId: string | null
  readonly memberEpoch: number
  readonly requireStable: boolean
  /** Null: all partitions that have an offset. */
  readonly topics: readonly OffsetFetchTopic[] | null
}

export interface FetchedPartition {
  readonly partitionIndex: number
  /** -1: none. */
  readonly committedOffset: bigint
  readonly committedLeaderEpoch: number
  readonly metadata: string
  readonly errorCode: ErrorCode
}

export interface FetchedTopic {
  readonly name: string
  /** As asked; where all topics were asked for, the id that was stored with the offsets. */
  readonly topicId: TopicId
  readonly partitions: readonly FetchedPartition[]
}

export interface OffsetFetchResult {
  readonly kind: 'OffsetFetch'
  /** Of the group; not 0: `topics` is empty, and up to version 1 the handler repeats the code in each partition asked for. */
  readonly errorCode: ErrorCode
  readonly topics: readonly FetchedTopic[]
}

export interface OffsetDeleteTopic {
  readonly name: string
  readonly partitions: readonly { readonly partitionIndex: number }[]
}

/** The handler has already answered for rows of unknown or forbidden topics and partitions. */
export interface OffsetDeleteCommand {
  readonly kind: 'OffsetDelete'
  readonly groupId: string
  readonly topics: readonly OffsetDeleteTopic[]
}

export interface OffsetDeleteResult {
  readonly kind: 'OffsetDelete'
  /** Not 0: nothing was deleted and `topics` is empty. */
  readonly errorCode: ErrorCode
  readonly topics: readonly TopicResult[]
}

/** One group; the handler asks for each that a DescribeGroups request names. */
export interface DescribeGroupCommand {
  readonly kind: 'DescribeGroup'
  readonly groupId: string
}

export interface DescribedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly memberMetadata: Uint8Array
  readonly memberAssignment: Uint8Array
}

/** A missing group is GROUP_ID_NOT_FOUND with a message and state "Dead": below version 6 the handler sends 0 and no message. */
export interface DescribeGroupResult {
  readonly kind: 'DescribeGroup'
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly groupId: string
  readonly groupState: string
  readonly protocolType: string
  readonly protocolData: string
  readonly members: readonly DescribedMember[]
}

/** Asked of every machine of a node. Empty filters let all groups pass. */
export interface ListGroupsCommand {
  readonly kind: 'ListGroups'
  readonly statesFilter: readonly string[]
  readonly typesFilter: readonly string[]
}

export interface ListedGroup {
  readonly groupId: string
  readonly protocolType: string
  readonly groupState: string
  readonly groupType: string
}

export interface ListGroupsResult {
  readonly kind: 'ListGroups'
  readonly errorCode: ErrorCode
  readonly groups: readonly ListedGroup[]
}

/** One group; the handler asks once for each name, however often the request has it. */
export interface DeleteGroupCommand {
  readonly kind: 'DeleteGroup'
  readonly groupId: string
}

export interface DeleteGroupResult {
  readonly kind: 'DeleteGroup'
  readonly errorCode: ErrorCode
}

/** Internal: a topic is gone, and so are its offsets. Asked of every machine of every node. */
export interface DropTopicCommand {
  readonly kind: 'DropTopic'
  readonly name: string
  /** Offsets stored with another id stay: they belong to a newer topic of that name. */
  readonly topicId: TopicId
}

export interface DropTopicResult {
  readonly kind: 'DropTopic'
  readonly errorCode: ErrorCode
}

export type GroupCommand =
  | JoinGroupCommand
  | SyncGroupCommand
  | HeartbeatCommand
  | LeaveGroupCommand
  | OffsetCommitCommand
  | TxnOffsetCommitCommand
  | EndTransactionCommand
  | OffsetFetchCommand
  | OffsetDeleteCommand
  | DescribeGroupCommand
  | ListGroupsCommand
  | DeleteGroupCommand
  | DropTopicCommand

export type GroupResponse =
  | JoinGroupResult
  | SyncGroupResult
  | HeartbeatResult
  | LeaveGroupResult
  | OffsetCommitResult
  | TxnOffsetCommitResult
  | EndTransactionResult
  | OffsetFetchResult
  | OffsetDeleteResult
  | DescribeGroupResult
  | ListGroupsResult
  | DeleteGroupResult
  | DropTopicResult

/** The answer to a command of that kind. */
export type GroupResponseOf<Kind extends GroupCommand['kind']> = Extract<GroupResponse, { readonly kind: Kind }>
