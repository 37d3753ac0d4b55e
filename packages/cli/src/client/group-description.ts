import { ConsumerGroupDescribe, DescribeGroups, ErrorCode } from '@odradek/protocol'
import { ConsumerProtocolAssignment, decodeEmbedded } from '@odradek/protocol/records'
import { expectOk } from './failure.ts'
import type { KafkaClient } from './kafka-client.ts'
import type { KafkaConnection } from './kafka-connection.ts'
import type { TopicPartition } from './partition-offsets.ts'

export interface GroupMember {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly host: string
  readonly assigned: readonly TopicPartition[]
}

export interface GroupDescription {
  readonly groupId: string
  readonly type: 'classic' | 'consumer'
  readonly state: string
  /** The assignor that the members have agreed on. */
  readonly assignor: string
  readonly coordinator: string
  readonly members: readonly GroupMember[]
}

const CONSUMER = 'consumer'

/** Of a group of either protocol. @throws CommandFailure when there is no such group. */
export async function describeGroup(client: KafkaClient, groupId: string): Promise<GroupDescription> {
  const connection = await client.groupCoordinator(groupId)
  const { groups } = await connection.call(DescribeGroups, { groups: [groupId] })
  const group = groups[0]
  const isThere = group !== undefined && group.errorCode === ErrorCode.NONE && group.groupState !== 'Dead'
  if (!isThere) {
    const modern = await describeConsumerGroup(connection, groupId)
    if (modern !== null) return modern
    expectOk(`group ${groupId}`, group?.errorCode || ErrorCode.GROUP_ID_NOT_FOUND)
  }
  return {
    groupId,
    type: 'classic',
    state: group?.groupState ?? '',
    assignor: group?.protocolData ?? '',
    coordinator: connection.name,
    members: (group?.members ?? []).map((member) => ({
      memberId: member.memberId,
      instanceId: member.groupInstanceId,
      clientId: member.clientId,
      host: member.clientHost,
      assigned: group?.protocolType === CONSUMER ? assignedIn(member.memberAssignment) : [],
    })),
  }
}

/** Null when the broker knows no such group, or not this kind (KIP-848). */
async function describeConsumerGroup(connection: KafkaConnection, groupId: string): Promise<GroupDescription | null> {
  if (!connection.offers(ConsumerGroupDescribe)) return null
  const { groups } = await connection.call(ConsumerGroupDescribe, {
    groupIds: [groupId],
    includeAuthorizedOperations: false,
  })
  const group = groups[0]
  if (group === undefined || group.errorCode === ErrorCode.GROUP_ID_NOT_FOUND) return null
  expectOk(`group ${groupId}`, group.errorCode, group.errorMessage)
  return {
    groupId,
    type: CONSUMER,
    state: group.groupState,
    assignor: group.assignorName,
    coordinator: connection.name,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      clientId: member.clientId,
      host: member.clientHost,
      assigned: member.assignment.topicPartitions.flatMap(({ topicName, partitions }) =>
        partitions.map((partition) => ({ topic: topicName, partition })),
      ),
    })),
  }
}

/** Empty until the leader has assigned something, and for what is no assignment: members write these bytes, not brokers. */
function assignedIn(bytes: Uint8Array): readonly TopicPartition[] {
  if (bytes.length === 0) return []
  try {
    return decodeEmbedded(ConsumerProtocolAssignment, bytes).assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    )
  } catch {
    return []
  }
}
