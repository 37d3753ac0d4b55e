import { ErrorCode } from '@odradek/protocol'
import { sessionTimerKey } from '../timer-keys.ts'
import type { Turn } from '../turn.ts'
import type { ClassicGroup } from './group.ts'
import type { ClassicMember } from './member.ts'
import { joinError, syncError } from './responses.ts'
import { endSession } from './sessions.ts'

/** Who a request comes from: its member, or why it may not speak. The instance is looked at before the id, as in Kafka. */
export function findMember(
  group: ClassicGroup,
  memberId: string,
  groupInstanceId: string | null,
): ClassicMember | ErrorCode {
  if (groupInstanceId !== null) {
    const registered = group.staticMember(groupInstanceId)
    if (registered === null) return ErrorCode.UNKNOWN_MEMBER_ID
    if (registered.memberId !== memberId) return ErrorCode.FENCED_INSTANCE_ID
  }
  return group.members.get(memberId) ?? ErrorCode.UNKNOWN_MEMBER_ID
}

/** Takes a member out. What it still waits for is answered: should it live, it will come again as a new member. */
export function removeMember(group: ClassicGroup, member: ClassicMember, turn: Turn): void {
  answerParked(group, member, turn, ErrorCode.UNKNOWN_MEMBER_ID, '')
  endSession(group, member, turn)
  group.remove(member)
}

/** Takes back an id that was given out and has not come again; false when there is no such id. */
export function removePendingMember(group: ClassicGroup, memberId: string, turn: Turn): boolean {
  if (!group.removePending(memberId)) return false
  turn.cancelTimer(sessionTimerKey(group.groupId, memberId))
  return true
}

/** Ends what the member waits for with `errorCode`. */
export function answerParked(
  group: ClassicGroup,
  member: ClassicMember,
  turn: Turn,
  errorCode: ErrorCode,
  memberId = member.memberId,
): void {
  if (member.joinRequestId !== null) turn.reply(group.unparkJoin(member), joinError(memberId, errorCode))
  if (member.syncRequestId !== null) {
    turn.reply(member.syncRequestId, syncError(errorCode))
    member.syncRequestId = null
  }
}
