import { ErrorCode } from '@odradek/protocol'
import { recordsBytes } from '../../runtime/records-bytes.ts'
import type { SyncGroupCommand } from '../commands.ts'
import { syncTimerKey } from '../timer-keys.ts'
import type { Turn } from '../turn.ts'
import type { ClassicGroup } from './group.ts'
import { type ClassicMember, EMPTY_BYTES } from './member.ts'
import { answerParked, findMember } from './members.ts'
import { snapshotRecord } from './persistence.ts'
import { failSyncs, prepareRebalance } from './rebalance.ts'
import { syncError, synced } from './responses.ts'
import { restartSession } from './sessions.ts'

/** `requestId` is answered in this turn, or waits in the group for the leader's assignment. */
export function syncGroup(group: ClassicGroup, requestId: number, command: SyncGroupCommand, turn: Turn): void {
  const member = checkSync(group, command)
  if (typeof member === 'number') {
    turn.reply(requestId, syncError(member))
    return
  }
  group.noteSync(member)
  if (group.pendingSyncMembers.size === 0) turn.cancelTimer(syncTimerKey(group.groupId))
  if (group.state === 'Stable') {
    restartSession(group, member, turn)
    turn.reply(requestId, synced(group, member))
    return
  }
  answerParked(group, member, turn, ErrorCode.REBALANCE_IN_PROGRESS)
  member.syncRequestId = requestId
  if (group.isLeader(member.memberId)) assign(group, command, turn)
}

function checkSync(group: ClassicGroup, command: SyncGroupCommand): ClassicMember | ErrorCode {
  if (group.state === 'Empty') return ErrorCode.UNKNOWN_MEMBER_ID
  const member = findMember(group, command.memberId, command.groupInstanceId)
  if (typeof member === 'number') return member
  if (command.generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  if (differs(command.protocolType, group.protocolType)) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
  if (differs(command.protocolName, group.protocolName)) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
  return group.state === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : member
}

function differs(sent: string | null, own: string | null): boolean {
  return sent !== null && sent !== own
}

/** The leader has spoken: members it did not think of get nothing, and strangers are left out. */
function assign(group: ClassicGroup, command: SyncGroupCommand, turn: Turn): void {
  const sent = new Map(command.assignments.map(({ memberId, assignment }) => [memberId, assignment]))
  const assignments = Array.from(group.members.values(), (member) => ({
    member,
    assignment: sent.get(member.memberId) ?? EMPTY_BYTES,
  }))
  const growth = assignments.reduce(
    (bytes, { member, assignment }) => bytes + assignment.length - member.assignment.length,
    0,
  )
  if (!group.hasRoomFor(growth, turn.config.groupBytesMax)) {
    failSyncs(group, turn, ErrorCode.POLICY_VIOLATION)
    prepareRebalance(group, turn)
    return
  }
  for (const { member, assignment } of assignments) group.setAssignment(member, new Uint8Array(assignment))
  group.transition('assigned', turn.now.wallMs)
  const record = snapshotRecord(group)
  if (recordsBytes([record]) > turn.config.appendBytesMax) {
    // As in Kafka when the record does not fit into the log: nobody gets an assignment that a restart would not know.
    failSyncs(group, turn, ErrorCode.UNKNOWN_SERVER_ERROR)
    prepareRebalance(group, turn)
    return
  }
  turn.record(record)
  for (const member of group.members.values()) {
    if (member.syncRequestId === null) continue
    turn.reply(member.syncRequestId, synced(group, member))
    member.syncRequestId = null
    restartSession(group, member, turn)
  }
}
