import { sessionTimerKey } from '../timer-keys.ts'
import type { Turn } from '../turn.ts'
import type { ClassicGroup } from './group.ts'
import type { ClassicMember } from './member.ts'

/**
 * The session begins anew. A heartbeat only moves the deadline: the timer stays where it is, and looks at the deadline
 * when it comes, so that thousands of heartbeats touch no timer.
 */
export function restartSession(
  group: ClassicGroup,
  member: ClassicMember,
  turn: Turn,
  timeoutMs = member.sessionTimeoutMs,
): void {
  const deadlineMs = turn.now.monotonicMs + timeoutMs
  member.sessionDeadlineMs = deadlineMs
  if (member.sessionTimerDueMs !== null && member.sessionTimerDueMs <= deadlineMs) return
  member.sessionTimerDueMs = deadlineMs
  turn.setTimer(sessionTimerKey(group.groupId, member.memberId), timeoutMs)
}

export function endSession(group: ClassicGroup, member: ClassicMember, turn: Turn): void {
  if (member.sessionTimerDueMs === null) return
  member.sessionTimerDueMs = null
  turn.cancelTimer(sessionTimerKey(group.groupId, member.memberId))
}

/** The timer has come. True when the session is over; while a member waits for our answer it cannot end. */
export function isSessionOver(group: ClassicGroup, member: ClassicMember, turn: Turn): boolean {
  member.sessionTimerDueMs = null
  if (member.isParked && !member.isNew) return false
  const remainingMs = member.sessionDeadlineMs - turn.now.monotonicMs
  if (remainingMs <= 0) return true
  restartSession(group, member, turn, remainingMs)
  return false
}
