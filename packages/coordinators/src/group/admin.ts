import { ErrorCode } from '@odradek/protocol'
import type { ClassicGroup } from './classic/group.ts'
import { type ClassicMember, EMPTY_BYTES } from './classic/member.ts'
import type {
  DescribedMember,
  DescribeGroupResult,
  ListedGroup,
  ListGroupsCommand,
  ListGroupsResult,
} from './commands.ts'
import type { OffsetStore } from './offset-store.ts'
import { groupTombstone, offsetTombstone } from './records.ts'
import type { Turn } from './turn.ts'

/** As Kafka spells the type of a group whose members use the classic protocol, and of simple groups. */
const CLASSIC_GROUP_TYPE = 'classic'

/** Not in Kafka's states: only for the answer about a group that is not there. */
export function missingGroup(groupId: string): DescribeGroupResult {
  return {
    kind: 'DescribeGroup',
    errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
    errorMessage: `Group ${groupId} not found.`,
    groupId,
    groupState: 'Dead',
    protocolType: '',
    protocolData: '',
    members: [],
  }
}

/** Protocol and metadata are shown only while they are settled; the assignment is the last one a member was given. */
export function describeGroup(group: ClassicGroup): DescribeGroupResult {
  const protocolName = group.state === 'Stable' ? group.protocolName : null
  return {
    kind: 'DescribeGroup',
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? '',
    protocolData: protocolName ?? '',
    members: Array.from(group.members.values(), (member) => describeMember(member, protocolName)),
  }
}

function describeMember(member: ClassicMember, protocolName: string | null): DescribedMember {
  return {
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    memberMetadata: protocolName === null ? EMPTY_BYTES : member.metadata(protocolName),
    memberAssignment: member.assignment,
  }
}

/** Names in the filters that mean nothing match nothing. */
export function listGroups(groups: Iterable<ClassicGroup>, command: ListGroupsCommand): ListGroupsResult {
  const states = lowerCaseSet(command.statesFilter)
  const types = lowerCaseSet(command.typesFilter)
  const listed: ListedGroup[] = []
  for (const group of groups) {
    if (states.size > 0 && !states.has(group.state.toLowerCase())) continue
    if (types.size > 0 && !types.has(CLASSIC_GROUP_TYPE)) continue
    listed.push({
      groupId: group.groupId,
      protocolType: group.protocolType ?? '',
      groupState: group.state,
      groupType: CLASSIC_GROUP_TYPE,
    })
  }
  return { kind: 'ListGroups', errorCode: ErrorCode.NONE, groups: listed }
}

function lowerCaseSet(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()))
}

/** Tombstones for all that the log has of the group, the group's own last. */
export function deleteRecords(groupId: string, offsets: OffsetStore, hasMetadata: boolean, turn: Turn): void {
  for (const [topic, partitions] of offsets.ofGroup(groupId)) {
    for (const partition of partitions.keys()) turn.record(offsetTombstone(groupId, topic, partition))
  }
  const committed = offsets.ofGroup(groupId)
  for (const [topic, partitions] of offsets.pending.ofGroup(groupId)) {
    for (const partition of partitions.keys()) {
      if (committed.get(topic)?.has(partition) !== true) turn.record(offsetTombstone(groupId, topic, partition))
    }
  }
  if (hasMetadata) turn.record(groupTombstone(groupId))
}
