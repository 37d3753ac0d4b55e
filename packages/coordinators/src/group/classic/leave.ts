import { ErrorCode } from '@odradek/protocol'
import type { LeavingMember, LeftMember } from '../commands.ts'
import type { Turn } from '../turn.ts'
import type { ClassicGroup } from './group.ts'
import type { ClassicMember } from './member.ts'
import { findMember, removeMember, removePendingMember } from './members.ts'
import { completeJoinIfAllJoined, rebalanceOrCompleteJoin } from './rebalance.ts'
import { isSessionOver } from './sessions.ts'

/**
 * Takes out those that are there, one after the other, and then begins one round for all of them. As in Kafka, an id
 * that was given out counts: it may have been one that a round had to wait for.
 */
export function leaveGroup(group: ClassicGroup, members: readonly LeavingMember[], turn: Turn): readonly LeftMember[] {
  const left = members.map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    errorCode: leave(group, member, turn),
  }))
  const hasLost = left.some(({ errorCode }) => errorCode === ErrorCode.NONE)
  if (hasLost && group.state !== 'Empty') rebalanceOrCompleteJoin(group, turn)
  return left
}

function leave(group: ClassicGroup, leaving: LeavingMember, turn: Turn): ErrorCode {
  if (removePendingMember(group, leaving.memberId, turn)) return ErrorCode.NONE
  const member = findLeaving(group, leaving)
  if (typeof member === 'number') return member
  removeMember(group, member, turn)
  return ErrorCode.NONE
}

/** An administrator takes out a static member by its instance id alone. */
function findLeaving(group: ClassicGroup, { memberId, groupInstanceId }: LeavingMember): ClassicMember | ErrorCode {
  if (memberId !== '') return findMember(group, memberId, groupInstanceId)
  if (groupInstanceId === null) return ErrorCode.UNKNOWN_MEMBER_ID
  return group.staticMember(groupInstanceId) ?? ErrorCode.UNKNOWN_MEMBER_ID
}

/** The session timer of a member, or of an id that was given out, has come. */
export function expireSession(group: ClassicGroup, memberId: string, turn: Turn): void {
  if (group.removePending(memberId)) {
    completeJoinIfAllJoined(group, turn)
    return
  }
  const member = group.members.get(memberId)
  if (member === undefined || !isSessionOver(group, member, turn)) return
  removeMember(group, member, turn)
  rebalanceOrCompleteJoin(group, turn)
}
