import { ErrorCode } from '@odradek/protocol'
import type { GroupProtocol, JoinGroupCommand } from '../commands.ts'
import { NEW_MEMBER_JOIN_TIMEOUT_MS } from '../config.ts'
import { sessionTimerKey } from '../timer-keys.ts'
import type { Turn } from '../turn.ts'
import type { ClassicGroup } from './group.ts'
import { ClassicMember, joiningBytes } from './member.ts'
import { newMemberId, UUID_CHARS } from './member-id.ts'
import { answerParked, findMember, removeMember, removePendingMember } from './members.ts'
import { completeJoinIfAllJoined, rebalanceOrCompleteJoin } from './rebalance.ts'
import { joinError, joined } from './responses.ts'
import { restartSession } from './sessions.ts'
import { replaceStaticMember } from './static-member.ts'

/** What is wrong with the request itself, whatever the group is. */
export function checkJoin(command: JoinGroupCommand, turn: Turn): ErrorCode {
  if (command.groupId === '') return ErrorCode.INVALID_GROUP_ID
  const { groupMinSessionTimeoutMs, groupMaxSessionTimeoutMs } = turn.config
  if (command.sessionTimeoutMs < groupMinSessionTimeoutMs || command.sessionTimeoutMs > groupMaxSessionTimeoutMs) {
    return ErrorCode.INVALID_SESSION_TIMEOUT
  }
  // Kafka 4.4 leaves such a request without an answer.
  if (hasDuplicates(command.protocols)) return ErrorCode.INVALID_REQUEST
  return ErrorCode.NONE
}

/** `requestId` is answered in this turn, or waits in the group for the round to end. */
export function joinGroup(group: ClassicGroup, requestId: number, command: JoinGroupCommand, turn: Turn): void {
  if (!group.hasRoomFor(growthOf(group, command), turn.config.groupBytesMax)) {
    turn.reply(requestId, joinError(command.memberId, ErrorCode.POLICY_VIOLATION))
  } else if (!hasRoomFor(group, command.memberId, turn)) {
    turn.reply(requestId, joinError('', ErrorCode.GROUP_MAX_SIZE_REACHED))
    turnAway(group, command.memberId, turn)
  } else if (!group.supportsProtocols(command.protocolType, command.protocols)) {
    turn.reply(requestId, joinError(command.memberId, ErrorCode.INCONSISTENT_GROUP_PROTOCOL))
  } else if (command.memberId === '') {
    joinNew(group, requestId, command, turn)
  } else if (group.pendingMembers.has(command.memberId) && command.groupInstanceId === null) {
    addMember(group, requestId, command, command.memberId, turn)
  } else {
    joinAgain(group, requestId, command, turn)
  }
}

/** What the group would keep more than now. A new member's id begins with one of its client's. */
function growthOf(group: ClassicGroup, command: JoinGroupCommand): number {
  const { memberId, groupInstanceId, clientId } = command
  const own = groupInstanceId === null ? null : group.staticMember(groupInstanceId)
  const member = group.members.get(memberId) ?? own
  const newIdChars = (groupInstanceId ?? clientId).length + UUID_CHARS
  const bytes = joiningBytes(command, memberId === '' ? newIdChars : memberId.length)
  return member === null ? bytes : bytes + member.assignment.length - member.keptBytes
}

/** Whoever comes too late for the last place is out, and holds up nobody. */
function turnAway(group: ClassicGroup, memberId: string, turn: Turn): void {
  const member = group.members.get(memberId)
  if (member !== undefined) removeMember(group, member, turn)
  else removePendingMember(group, memberId, turn)
  completeJoinIfAllJoined(group, turn)
}

function joinNew(group: ClassicGroup, requestId: number, command: JoinGroupCommand, turn: Turn): void {
  const memberId = newMemberId(command.groupInstanceId ?? command.clientId, command.memberIdBytes)
  if (memberId === null) {
    turn.reply(requestId, joinError('', ErrorCode.INVALID_REQUEST))
  } else if (command.groupInstanceId !== null) {
    const registered = group.staticMember(command.groupInstanceId)
    if (registered === null) addMember(group, requestId, command, memberId, turn)
    else replaceStaticMember(group, registered, requestId, command, memberId, turn)
  } else if (!command.requiresKnownMemberId) {
    addMember(group, requestId, command, memberId, turn)
  } else if (group.pendingMembers.size >= turn.config.pendingMembersMax) {
    turn.reply(requestId, joinError('', ErrorCode.GROUP_MAX_SIZE_REACHED))
  } else {
    // KIP-394: a client that gives up before it learns its id leaves nobody behind.
    group.addPending(memberId)
    turn.setTimer(sessionTimerKey(group.groupId, memberId), command.sessionTimeoutMs)
    turn.reply(requestId, joinError(memberId, ErrorCode.MEMBER_ID_REQUIRED))
  }
}

function addMember(
  group: ClassicGroup,
  requestId: number,
  command: JoinGroupCommand,
  memberId: string,
  turn: Turn,
): void {
  const member = new ClassicMember({ ...command, memberId })
  member.isNew = true
  if (group.initialDelay !== null) group.newMemberAdded = true
  group.add(member, command.protocolType)
  group.parkJoin(member, requestId)
  restartSession(group, member, turn, NEW_MEMBER_JOIN_TIMEOUT_MS)
  rebalanceOrCompleteJoin(group, turn)
}

function joinAgain(group: ClassicGroup, requestId: number, command: JoinGroupCommand, turn: Turn): void {
  const member = findMember(group, command.memberId, command.groupInstanceId)
  if (typeof member === 'number') {
    turn.reply(requestId, joinError(command.memberId, member))
  } else if (group.state === 'PreparingRebalance' || needsRebalance(group, member, command)) {
    // The request before this one was given up by the client, or it would not ask again.
    answerParked(group, member, turn, ErrorCode.REBALANCE_IN_PROGRESS)
    updateMember(group, member, command)
    group.parkJoin(member, requestId)
    rebalanceOrCompleteJoin(group, turn)
  } else {
    // The answer to its first request may have been lost: the generation is as it was.
    restartSession(group, member, turn)
    turn.reply(requestId, joined(group, member.memberId))
  }
}

/** The leader of a Stable group joins when what it assigns from has changed, which its metadata may not show. */
function needsRebalance(group: ClassicGroup, member: ClassicMember, command: JoinGroupCommand): boolean {
  if (group.state === 'Stable' && group.isLeader(member.memberId)) return true
  return !member.matches(command.protocols)
}

function updateMember(group: ClassicGroup, member: ClassicMember, command: JoinGroupCommand): void {
  group.setProtocols(member, command.protocols)
  member.sessionTimeoutMs = command.sessionTimeoutMs
  member.rebalanceTimeoutMs = command.rebalanceTimeoutMs
}

/**
 * During a round those who wait are counted, not the members: should the maximum have been lowered, the last to come
 * back are left out.
 */
function hasRoomFor(group: ClassicGroup, memberId: string, turn: Turn): boolean {
  if (group.state === 'Empty') return true
  const member = group.members.get(memberId)
  const { groupMaxSize } = turn.config
  if (group.state !== 'PreparingRebalance') return member !== undefined || group.members.size < groupMaxSize
  return (member !== undefined && member.joinRequestId !== null) || group.joiningCount < groupMaxSize
}

function hasDuplicates(protocols: readonly GroupProtocol[]): boolean {
  return new Set(protocols.map(({ name }) => name)).size !== protocols.length
}
