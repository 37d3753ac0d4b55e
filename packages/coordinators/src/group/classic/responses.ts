import { ErrorCode } from '@odradek/protocol'
import type { JoinedMember, JoinGroupResult, SyncGroupResult } from '../commands.ts'
import type { ClassicGroup } from './group.ts'
import { type ClassicMember, EMPTY_BYTES } from './member.ts'

export function joinError(memberId: string, errorCode: ErrorCode): JoinGroupResult {
  return {
    kind: 'JoinGroup',
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  }
}

/** The generation as it is; the leader is told of all members. */
export function joined(group: ClassicGroup, memberId: string): JoinGroupResult {
  return {
    kind: 'JoinGroup',
    errorCode: ErrorCode.NONE,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId ?? '',
    skipAssignment: false,
    memberId,
    members: group.isLeader(memberId) ? joinedMembers(group) : [],
  }
}

function joinedMembers(group: ClassicGroup): readonly JoinedMember[] {
  const { protocolName } = group
  if (protocolName === null) return []
  return Array.from(group.members.values(), (member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: member.metadata(protocolName),
  }))
}

export function syncError(errorCode: ErrorCode): SyncGroupResult {
  return { kind: 'SyncGroup', errorCode, protocolType: null, protocolName: null, assignment: EMPTY_BYTES }
}

export function synced(group: ClassicGroup, member: ClassicMember): SyncGroupResult {
  return {
    kind: 'SyncGroup',
    errorCode: ErrorCode.NONE,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    assignment: member.assignment,
  }
}
