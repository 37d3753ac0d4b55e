import { assert } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { joinTimerKey, syncTimerKey } from '../timer-keys.ts'
import type { Turn } from '../turn.ts'
import type { ClassicGroup } from './group.ts'
import { EMPTY_BYTES } from './member.ts'
import { removeMember } from './members.ts'
import { snapshotRecord } from './persistence.ts'
import { joined, syncError } from './responses.ts'
import { restartSession } from './sessions.ts'

/** Between two looks at a round that only absent static members hold up, whatever their rebalance timeouts are. */
const POSTPONED_ROUND_MIN_MS = 100

/** Begins a round, or where one is under way, ends it if nobody is missing any more. */
export function rebalanceOrCompleteJoin(group: ClassicGroup, turn: Turn): void {
  if (group.state === 'PreparingRebalance') completeJoinIfAllJoined(group, turn)
  else prepareRebalance(group, turn)
}

/** Begins a round: from now on members are told to join again. */
export function prepareRebalance(group: ClassicGroup, turn: Turn): void {
  if (group.state === 'CompletingRebalance') failSyncs(group, turn, ErrorCode.REBALANCE_IN_PROGRESS)
  group.expectNoSync()
  turn.cancelTimer(syncTimerKey(group.groupId))
  const isFirst = group.state === 'Empty'
  group.transition('rebalance', turn.now.wallMs)
  if (isFirst) beginInitialDelay(group, turn)
  else if (group.hasAllMembersJoined) completeJoin(group, turn)
  else turn.setTimer(joinTimerKey(group.groupId), group.rebalanceTimeoutMs)
}

/** The first round of an Empty group is not over when all have joined: its members are still starting up. */
export function completeJoinIfAllJoined(group: ClassicGroup, turn: Turn): void {
  if (group.state !== 'PreparingRebalance' || group.initialDelay !== null) return
  if (group.hasAllMembersJoined) completeJoin(group, turn)
}

/** The time for joining is up. */
export function expireJoin(group: ClassicGroup, turn: Turn): void {
  if (group.state !== 'PreparingRebalance') return
  const { initialDelay } = group
  const delayMs = turn.config.groupInitialRebalanceDelayMs
  if (initialDelay !== null && group.newMemberAdded && initialDelay.remainingMs > 0 && delayMs > 0) {
    group.newMemberAdded = false
    waitForMembers(
      group,
      turn,
      Math.min(delayMs, initialDelay.remainingMs),
      Math.max(initialDelay.remainingMs - initialDelay.delayMs, 0),
    )
  } else {
    completeJoin(group, turn)
  }
}

function beginInitialDelay(group: ClassicGroup, turn: Turn): void {
  const delayMs = turn.config.groupInitialRebalanceDelayMs
  group.newMemberAdded = false
  waitForMembers(group, turn, delayMs, Math.max(group.rebalanceTimeoutMs - delayMs, 0))
}

function waitForMembers(group: ClassicGroup, turn: Turn, delayMs: number, remainingMs: number): void {
  group.initialDelay = { delayMs, remainingMs }
  turn.setTimer(joinTimerKey(group.groupId), delayMs)
}

/** Ends the round: whoever has joined is the next generation. Static members that stayed away keep their place. */
function completeJoin(group: ClassicGroup, turn: Turn): void {
  turn.cancelTimer(joinTimerKey(group.groupId))
  for (const member of [...group.members.values()]) {
    if (member.joinRequestId === null && !member.isStatic) removeMember(group, member, turn)
  }
  if (!group.electLeader() && group.members.size > 0) {
    // Only absent static members are left: their sessions decide.
    turn.setTimer(joinTimerKey(group.groupId), Math.max(group.rebalanceTimeoutMs, POSTPONED_ROUND_MIN_MS))
    return
  }
  group.nextGeneration(turn.now.wallMs)
  if (group.state === 'Empty') turn.record(snapshotRecord(group))
  else answerJoins(group, turn)
}

function answerJoins(group: ClassicGroup, turn: Turn): void {
  for (const member of group.members.values()) {
    if (member.joinRequestId !== null) turn.reply(group.unparkJoin(member), joined(group, member.memberId))
    restartSession(group, member, turn)
    member.isNew = false
    group.expectSync(member)
  }
  turn.setTimer(syncTimerKey(group.groupId), group.rebalanceTimeoutMs)
}

/** Members that were told of the generation but never asked for their assignment hold up nobody any longer. */
export function expireSync(group: ClassicGroup, turn: Turn): void {
  if (group.pendingSyncMembers.size === 0) return
  assert(group.state === 'CompletingRebalance' || group.state === 'Stable', 'assignments are asked for after the round')
  for (const memberId of [...group.pendingSyncMembers]) {
    const member = group.members.get(memberId)
    if (member !== undefined) removeMember(group, member, turn)
  }
  prepareRebalance(group, turn)
}

/** Nobody has an assignment: whoever waits for one is told `errorCode`. */
export function failSyncs(group: ClassicGroup, turn: Turn, errorCode: ErrorCode): void {
  for (const member of group.members.values()) {
    group.setAssignment(member, EMPTY_BYTES)
    if (member.syncRequestId === null) continue
    turn.reply(member.syncRequestId, syncError(errorCode))
    member.syncRequestId = null
    restartSession(group, member, turn)
  }
}
