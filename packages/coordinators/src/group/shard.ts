import type { WallMs } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { decodeConsumerOffsetsRecord, type GroupMetadataValue } from '@odradek/protocol/records'
import type { CoordinatorRecord, EndMarker, Now, Shard, Step, TransactionalProducer } from '../runtime/shard.ts'
import { deleteRecords, describeGroup, listGroups, missingGroup } from './admin.ts'
import { ClassicGroup } from './classic/group.ts'
import { heartbeat } from './classic/heartbeat.ts'
import { checkJoin, joinGroup } from './classic/join.ts'
import { expireSession, leaveGroup } from './classic/leave.ts'
import { removePendingMember } from './classic/members.ts'
import { restoreGroup } from './classic/persistence.ts'
import { expireJoin, expireSync, prepareRebalance } from './classic/rebalance.ts'
import { joinError, syncError } from './classic/responses.ts'
import { restartSession } from './classic/sessions.ts'
import { syncGroup } from './classic/sync.ts'
import type {
  DeleteGroupCommand,
  GroupCommand,
  GroupResponse,
  HeartbeatCommand,
  JoinGroupCommand,
  LeaveGroupCommand,
  LeaveGroupResult,
  OffsetCommitCommand,
  OffsetCommitResult,
  SyncGroupCommand,
  TopicResult,
  TxnOffsetCommitCommand,
  TxnOffsetCommitResult,
} from './commands.ts'
import type { GroupConfig } from './config.ts'
import { expireOffsets } from './expiry.ts'
import { KeptBytes } from './kept-bytes.ts'
import { OffsetStore } from './offset-store.ts'
import {
  type Commit,
  checkCommit,
  checkTransactionalCommit,
  commitOffsets,
  deleteOffsets,
  dropTopic,
  fetchOffsets,
  NO_RETENTION_TIME,
} from './offsets.ts'
import { committedOffsetOf, groupTombstone, legacyCommittedOffset } from './records.ts'
import { expiryTimerKey, parseTimerKey } from './timer-keys.ts'
import { everyPartition } from './topic-results.ts'
import { Turn } from './turn.ts'

/** Tombstones of one look at expired offsets; what is left has its turn right after, so that nobody waits long. */
const EXPIRED_RECORDS_MAX = 5_000

/**
 * All groups and offsets of one partition of `__consumer_offsets`. Hard state is what the log says: the last metadata of
 * each group, and its offsets. The groups as they live are made from that once it is loaded.
 */
export class GroupShard implements Shard<GroupCommand, GroupResponse> {
  private readonly config: () => GroupConfig
  private readonly countAll: () => number
  private readonly offsets: OffsetStore
  private readonly metadata = new Map<string, GroupMetadataValue>()
  private readonly groups = new Map<string, ClassicGroup>()
  private readonly kept: KeptBytes

  /** `countAll`, `keptByAll`, `offsetsOfAll`: groups, their bytes and offsets of this machine and of all others that count together; its own unless given. */
  constructor(
    config: () => GroupConfig,
    countAll?: () => number,
    keptByAll?: () => number,
    offsetsOfAll?: () => number,
  ) {
    this.config = config
    this.countAll = countAll ?? (() => this.size)
    this.kept = new KeptBytes(keptByAll)
    this.offsets = new OffsetStore(this.kept, offsetsOfAll)
  }

  get keptBytes(): number {
    return this.kept.bytes
  }

  /** Committed offsets, and those of open transactions. */
  get offsetsCount(): number {
    return this.offsets.size
  }

  /** How many groups there are. */
  get size(): number {
    return this.groups.size
  }

  decide(requestId: number, command: GroupCommand, now: Now): Step<GroupResponse> {
    const turn = new Turn(now, this.config())
    switch (command.kind) {
      case 'JoinGroup':
        this.join(requestId, command, turn)
        break
      case 'SyncGroup':
        this.sync(requestId, command, turn)
        break
      default:
        turn.reply(requestId, this.answer(command, turn))
    }
    return turn
  }

  private answer(command: Exclude<GroupCommand, JoinGroupCommand | SyncGroupCommand>, turn: Turn): GroupResponse {
    const { kind } = command
    switch (kind) {
      case 'Heartbeat':
        return { kind, errorCode: this.heartbeat(command, turn) }
      case 'LeaveGroup':
        return this.leave(command, turn)
      case 'OffsetCommit':
        return this.commit(command, turn)
      case 'TxnOffsetCommit':
        return this.commitInTransaction(command, turn)
      case 'EndTransaction':
        turn.marker = command
        return { kind, errorCode: ErrorCode.NONE }
      case 'OffsetFetch':
        return fetchOffsets(this.offsets, command)
      case 'OffsetDelete':
        return deleteOffsets(this.groups.get(command.groupId), this.offsets, command, turn)
      case 'DescribeGroup': {
        const group = this.groups.get(command.groupId)
        return group === undefined ? missingGroup(command.groupId) : describeGroup(group)
      }
      case 'ListGroups':
        return listGroups(this.groups.values(), command)
      case 'DeleteGroup':
        return { kind, errorCode: this.delete(command, turn) }
      case 'DropTopic':
        dropTopic(this.offsets, command, turn)
        return { kind, errorCode: ErrorCode.NONE }
    }
  }

  expire(timerKey: string, now: Now): Step<GroupResponse> {
    const turn = new Turn(now, this.config())
    const timer = parseTimerKey(timerKey)
    if (timer.kind === 'expiry') {
      this.expireOffsets(turn)
      return turn
    }
    const group = this.groups.get(timer.groupId)
    if (group === undefined) return turn
    if (timer.kind === 'join') expireJoin(group, turn)
    else if (timer.kind === 'sync') expireSync(group, turn)
    else expireSession(group, timer.memberId, turn)
    return turn
  }

  replay(record: CoordinatorRecord, _recordWallMs: WallMs, producer: TransactionalProducer | null = null): void {
    const producerId = producer?.producerId ?? null
    // The bytes may be a view of a buffer that is used again, and members keep parts of them.
    const decoded = decodeConsumerOffsetsRecord(record.key, record.value === null ? null : new Uint8Array(record.value))
    if (decoded === null) return
    switch (decoded.name) {
      case 'OffsetCommit': {
        const { group, topic, partition } = decoded.key
        if (decoded.value === null) this.offsets.remove(group, topic, partition)
        else this.offsets.put(group, topic, partition, committedOffsetOf(decoded.value), producerId)
        break
      }
      case 'LegacyOffsetCommit': {
        const { group, topic, partition } = decoded.key
        if (decoded.value === null) this.offsets.remove(group, topic, partition)
        else this.offsets.put(group, topic, partition, legacyCommittedOffset(decoded.value), producerId)
        break
      }
      case 'GroupMetadata':
        if (decoded.value === null) this.metadata.delete(decoded.key.group)
        else this.metadata.set(decoded.key.group, decoded.value)
        break
      default:
        // Records of the newer group protocols: no group of theirs can be served here.
        break
    }
  }

  replayMarker({ producerId, committed }: Pick<EndMarker, 'producerId' | 'committed'>): void {
    this.offsets.endTransaction(producerId, committed)
  }

  loaded(now: Now): Step<GroupResponse> {
    const turn = new Turn(now, this.config())
    for (const [groupId, value] of this.metadata) {
      const group = restoreGroup(groupId, value, this.kept)
      this.groups.set(groupId, group)
      for (const member of group.members.values()) restartSession(group, member, turn)
      if (group.members.size > turn.config.groupMaxSize) prepareRebalance(group, turn)
    }
    for (const groupId of this.offsets.groupIds()) this.ensureGroup(groupId)
    turn.setTimer(expiryTimerKey, turn.config.offsetsRetentionCheckIntervalMs)
    return turn
  }

  private join(requestId: number, command: JoinGroupCommand, turn: Turn): void {
    const errorCode = checkJoin(command, turn)
    const group = this.groups.get(command.groupId)
    if (errorCode !== ErrorCode.NONE) turn.reply(requestId, joinError(command.memberId, errorCode))
    else if (group !== undefined) joinGroup(group, requestId, command, turn)
    else this.joinNewGroup(requestId, command, turn)
  }

  /** No record yet: until an assignment is made there is nothing that a restart would have to know. */
  private joinNewGroup(requestId: number, command: JoinGroupCommand, turn: Turn): void {
    if (command.memberId !== '') {
      turn.reply(requestId, joinError(command.memberId, ErrorCode.UNKNOWN_MEMBER_ID))
    } else if (!this.hasRoomFor(command.groupId, turn)) {
      turn.reply(requestId, joinError('', ErrorCode.POLICY_VIOLATION))
    } else {
      const group = new ClassicGroup(command.groupId, this.kept)
      joinGroup(group, requestId, command, turn)
      const isAccepted = group.members.size > 0 || group.pendingMembers.size > 0
      if (isAccepted) this.groups.set(command.groupId, group)
      else group.dispose()
    }
  }

  /** For one group more. */
  private hasRoomFor(groupId: string, { config }: Turn): boolean {
    return this.countAll() < config.groupsMax && this.kept.hasRoomFor(groupId.length, config.groupBytesMax)
  }

  private sync(requestId: number, command: SyncGroupCommand, turn: Turn): void {
    const group = this.groups.get(command.groupId)
    if (command.groupId === '') turn.reply(requestId, syncError(ErrorCode.INVALID_GROUP_ID))
    else if (group === undefined) turn.reply(requestId, syncError(ErrorCode.UNKNOWN_MEMBER_ID))
    else syncGroup(group, requestId, command, turn)
  }

  private heartbeat(command: HeartbeatCommand, turn: Turn): ErrorCode {
    if (command.groupId === '') return ErrorCode.INVALID_GROUP_ID
    const group = this.groups.get(command.groupId)
    return group === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : heartbeat(group, command, turn)
  }

  private leave(command: LeaveGroupCommand, turn: Turn): LeaveGroupResult {
    const { kind, groupId, members } = command
    if (groupId === '') return { kind, errorCode: ErrorCode.INVALID_GROUP_ID, members: [] }
    const group = this.groups.get(groupId)
    const left =
      group === undefined
        ? members.map((member) => ({ ...member, errorCode: ErrorCode.UNKNOWN_MEMBER_ID }))
        : leaveGroup(group, members, turn)
    return { kind, errorCode: ErrorCode.NONE, members: left }
  }

  private commit(command: OffsetCommitCommand, turn: Turn): OffsetCommitResult {
    const errorCode = checkCommit(this.groups.get(command.groupId), command, turn)
    return { kind: command.kind, topics: this.commitUnless(errorCode, { ...command, producerId: null }, turn) }
  }

  private commitInTransaction(command: TxnOffsetCommitCommand, turn: Turn): TxnOffsetCommitResult {
    const errorCode = checkTransactionalCommit(this.groups.get(command.groupId), command)
    const topics = this.commitUnless(errorCode, { ...command, retentionTimeMs: NO_RETENTION_TIME }, turn)
    const { producerId, producerEpoch } = command
    if (turn.records.length > 0) turn.producer = { producerId, producerEpoch }
    return { kind: command.kind, topics }
  }

  private commitUnless(errorCode: ErrorCode, command: Commit, turn: Turn): readonly TopicResult[] {
    const { groupId, topics } = command
    if (errorCode !== ErrorCode.NONE) return everyPartition(topics, errorCode)
    if (!this.groups.has(groupId) && !this.hasRoomFor(groupId, turn)) {
      return everyPartition(topics, ErrorCode.POLICY_VIOLATION)
    }
    const results = commitOffsets(this.offsets, command, turn)
    if (turn.records.length > 0) this.ensureGroup(groupId)
    return results
  }

  private delete(command: DeleteGroupCommand, turn: Turn): ErrorCode {
    const group = this.groups.get(command.groupId)
    if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND
    if (group.state !== 'Empty') return ErrorCode.NON_EMPTY_GROUP
    deleteRecords(group.groupId, this.offsets, this.metadata.has(group.groupId), turn)
    this.remove(group, turn)
    return ErrorCode.NONE
  }

  private expireOffsets(turn: Turn): void {
    for (const group of this.groups.values()) {
      const isWithoutOffsets = expireOffsets(group, this.offsets, turn)
      const isUnused = group.state === 'Empty' && group.pendingMembers.size === 0
      if (isWithoutOffsets && isUnused) {
        if (this.metadata.has(group.groupId)) turn.record(groupTombstone(group.groupId))
        this.remove(group, turn)
      }
      if (turn.records.length >= EXPIRED_RECORDS_MAX) {
        turn.setTimer(expiryTimerKey, 0)
        return
      }
    }
    turn.setTimer(expiryTimerKey, turn.config.offsetsRetentionCheckIntervalMs)
  }

  private remove(group: ClassicGroup, turn: Turn): void {
    for (const memberId of [...group.pendingMembers]) removePendingMember(group, memberId, turn)
    group.transition('deleted', turn.now.wallMs)
    this.groups.delete(group.groupId)
    group.dispose()
  }

  private ensureGroup(groupId: string): void {
    if (!this.groups.has(groupId)) this.groups.set(groupId, new ClassicGroup(groupId, this.kept))
  }
}
