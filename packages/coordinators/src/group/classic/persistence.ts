import type { GroupMetadataValue } from '@odradek/protocol/records'
import type { CoordinatorRecord } from '../../runtime/shard.ts'
import type { KeptBytes } from '../kept-bytes.ts'
import { groupMetadataRecord } from '../records.ts'
import { ClassicGroup } from './group.ts'
import { ClassicMember, EMPTY_BYTES } from './member.ts'

/** No time: the log did not say. */
const NO_STATE_TIMESTAMP = -1n
/** Records of version 0 have no rebalance timeout. */
const NO_REBALANCE_TIMEOUT = -1

/** The group as a restart is to find it. */
export function snapshotRecord(group: ClassicGroup): CoordinatorRecord {
  const { protocolName } = group
  return groupMetadataRecord(group.groupId, {
    protocolType: group.protocolType ?? '',
    generation: group.generationId,
    protocol: protocolName,
    leader: group.leaderId,
    currentStateTimestamp: group.stateTimestampMs ?? NO_STATE_TIMESTAMP,
    members: Array.from(group.members.values(), (member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: protocolName === null ? EMPTY_BYTES : member.metadata(protocolName),
      assignment: member.assignment,
    })),
  })
}

/** The reverse: members keep generation and assignment, and support the one protocol that was chosen. */
export function restoreGroup(groupId: string, value: GroupMetadataValue, kept?: KeptBytes): ClassicGroup {
  const group = new ClassicGroup(groupId, kept)
  group.generationId = value.generation
  group.protocolType = value.protocolType === '' ? null : value.protocolType
  group.protocolName = value.protocol
  group.stateTimestampMs = value.currentStateTimestamp === NO_STATE_TIMESTAMP ? null : value.currentStateTimestamp
  for (const stored of value.members) {
    const member = new ClassicMember({
      memberId: stored.memberId,
      groupInstanceId: stored.groupInstanceId,
      clientId: stored.clientId,
      clientHost: stored.clientHost,
      sessionTimeoutMs: stored.sessionTimeout,
      rebalanceTimeoutMs:
        stored.rebalanceTimeout === NO_REBALANCE_TIMEOUT ? stored.sessionTimeout : stored.rebalanceTimeout,
      protocols: [{ name: value.protocol ?? '', metadata: stored.subscription }],
    })
    member.assignment = stored.assignment
    group.add(member, value.protocolType)
  }
  group.leaderId = value.leader
  if (group.members.size > 0) group.restoreStable()
  group.refreshSubscribedTopics()
  return group
}
