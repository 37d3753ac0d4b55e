import { assert } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { recordsBytes } from '../../runtime/records-bytes.ts'
import type { CoordinatorRecord } from '../../runtime/shard.ts'
import type { JoinGroupCommand, JoinGroupResult } from '../commands.ts'
import type { Turn } from '../turn.ts'
import type { ClassicGroup } from './group.ts'
import { ClassicMember } from './member.ts'
import { answerParked } from './members.ts'
import { snapshotRecord } from './persistence.ts'
import { completeJoinIfAllJoined, prepareRebalance } from './rebalance.ts'
import { joined } from './responses.ts'
import { endSession, restartSession } from './sessions.ts'

/**
 * A static member has come back without its id (KIP-345): it gets a new one, and whoever still uses the old one is
 * fenced. In a Stable group nothing else changes, which is what static membership is for.
 */
export function replaceStaticMember(
  group: ClassicGroup,
  old: ClassicMember,
  requestId: number,
  command: JoinGroupCommand,
  memberId: string,
  turn: Turn,
): void {
  const oldLeaderId = group.leaderId
  const member = new ClassicMember({ ...command, memberId })
  member.assignment = old.assignment
  answerParked(group, old, turn, ErrorCode.FENCED_INSTANCE_ID)
  endSession(group, old, turn)
  group.replaceStatic(old, member)
  restartSession(group, member, turn)

  const record = snapshotIfStillStable(group, turn)
  if (record !== null) {
    group.refreshSubscribedTopics()
    turn.record(record)
    turn.reply(requestId, rejoined(group, member, oldLeaderId, command.supportsSkipAssignment))
    return
  }
  group.parkJoin(member, requestId)
  if (group.state === 'PreparingRebalance') completeJoinIfAllJoined(group, turn)
  else {
    // CompletingRebalance: the leader may be assigning to the old id.
    assert(group.state !== 'Empty' && group.state !== 'Dead', 'a group with a static member is neither empty nor gone')
    prepareRebalance(group, turn)
  }
}

/** Null where the generation cannot go on: the choice of protocol would be another one now, or it no longer fits into the log. */
function snapshotIfStillStable(group: ClassicGroup, turn: Turn): CoordinatorRecord | null {
  if (group.state !== 'Stable' || group.selectProtocol() !== group.protocolName) return null
  const record = snapshotRecord(group)
  return recordsBytes([record]) <= turn.config.appendBytesMax ? record : null
}

/**
 * A leader that came back must not assign anew, for nobody else would ask for it. From version 9 on it is told so
 * (KIP-814); older clients are shown the old leader's id, so that they act as followers.
 */
function rejoined(
  group: ClassicGroup,
  member: ClassicMember,
  oldLeaderId: string | null,
  supportsSkipAssignment: boolean,
): JoinGroupResult {
  const response = joined(group, member.memberId)
  if (supportsSkipAssignment) return { ...response, skipAssignment: group.isLeader(member.memberId) }
  return { ...response, leader: oldLeaderId ?? '', members: [] }
}
