import { ZERO_TOPIC_ID } from '@odradek/core'
import { errorName } from '@odradek/protocol'
import { decodeConsumerOffsetsRecord } from '@odradek/protocol/records'
import type { CoordinatorRecord } from '../../runtime/shard.ts'
import type { GroupResponse } from '../commands.ts'
import { subscribedTopicsOf } from '../consumer-subscription.ts'

/** One line that shows all of a response that can differ. */
export function showResponse(response: GroupResponse): string {
  switch (response.kind) {
    case 'JoinGroup':
      return showJoin(response)
    case 'SyncGroup':
      if (response.errorCode !== 0) return `sync ${errorName(response.errorCode)}`
      return `sync ${response.protocolType}/${response.protocolName} assignment ${text(Buffer.from(response.assignment).toString())}`
    case 'LeaveGroup':
      return `leave ${[errorName(response.errorCode), ...response.members.map((left) => `${shortIds(text(left.memberId))}${left.groupInstanceId === null ? '' : `/${left.groupInstanceId}`} ${errorName(left.errorCode)}`)].join(', ')}`
    case 'OffsetCommit':
    case 'TxnOffsetCommit':
    case 'OffsetDelete': {
      const rows = response.topics.flatMap(({ name, partitions }) =>
        partitions.map((row) => `${name}-${row.partitionIndex} ${errorName(row.errorCode)}`),
      )
      const top = response.kind === 'OffsetDelete' ? [errorName(response.errorCode)] : []
      return `${response.kind === 'OffsetDelete' ? 'delete-offsets' : 'commit'} ${[...top, ...rows].join(', ')}`
    }
    case 'OffsetFetch':
      return showFetch(response)
    case 'DescribeGroup':
      return showDescribed(response)
    case 'ListGroups': {
      const groups = response.groups.map(
        (group) => `${group.groupId} ${group.groupState} ${text(group.protocolType)} ${group.groupType}`,
      )
      return `list ${[errorName(response.errorCode), ...groups].join(', ')}`
    }
    case 'EndTransaction':
      return `end ${errorName(response.errorCode)}`
    case 'Heartbeat':
    case 'DeleteGroup':
    case 'DropTopic':
      return `${response.kind.toLowerCase().replace('group', '').replace('droptopic', 'drop-topic')} ${errorName(response.errorCode)}`
  }
}

function showJoin(response: Extract<GroupResponse, { kind: 'JoinGroup' }>): string {
  const memberId = shortIds(text(response.memberId))
  if (response.errorCode !== 0) {
    const rest = [
      response.generationId,
      response.protocolType,
      response.protocolName,
      response.leader,
      response.members.length,
    ]
    const isBare = rest.join() === '-1,,,,0' && !response.skipAssignment
    return `join ${errorName(response.errorCode)} ${memberId}${isBare ? '' : ` with ${rest.join()}`}`
  }
  const members = response.members.map(
    (member) =>
      `${shortIds(member.memberId)}${member.groupInstanceId === null ? '' : `/${member.groupInstanceId}`}(${showMetadata(member.metadata)})`,
  )
  const parts = [
    `join ${memberId} gen ${response.generationId} ${response.protocolType}/${response.protocolName} leader ${shortIds(response.leader)}`,
    ...(response.skipAssignment ? ['skip-assignment'] : []),
    ...(members.length > 0 ? [`members ${members.join(' ')}`] : []),
  ]
  return parts.join(' ')
}

function showFetch(response: Extract<GroupResponse, { kind: 'OffsetFetch' }>): string {
  const rows = response.topics.flatMap((topic) =>
    topic.partitions.map(
      (row) =>
        `${topic.name}-${row.partitionIndex}${topic.topicId === ZERO_TOPIC_ID ? '' : `(${topic.topicId[0]})`} ${row.committedOffset} epoch ${row.committedLeaderEpoch} ${text(row.metadata)}${row.errorCode === 0 ? '' : ` ${errorName(row.errorCode)}`}`,
    ),
  )
  return `fetch ${[errorName(response.errorCode), ...rows].join(', ')}`
}

function showDescribed(response: Extract<GroupResponse, { kind: 'DescribeGroup' }>): string {
  const members = response.members.map(
    (member) =>
      `${shortIds(member.memberId)}${member.groupInstanceId === null ? '' : `/${member.groupInstanceId}`} ${member.clientId}@${member.clientHost} ${showMetadata(member.memberMetadata)} assignment ${text(Buffer.from(member.memberAssignment).toString())}`,
  )
  const head = `describe ${errorName(response.errorCode)} ${response.groupState} ${text(response.protocolType)}/${text(response.protocolData)}`
  const message = response.errorMessage === null ? [] : [response.errorMessage]
  return [head, ...message, ...members].join(', ')
}

/** Times as distance from now, since the clock starts at some time. */
export function showRecord(record: CoordinatorRecord, nowMs: number): string {
  const decoded = decodeConsumerOffsetsRecord(record.key, record.value)
  const age = (timestamp: bigint): string => `${timestamp - BigInt(nowMs)} ms`
  if (decoded?.name === 'OffsetCommit') {
    const { key, value } = decoded
    const name = `offset ${text(key.group)} ${key.topic}-${key.partition}`
    if (value === null) return `${name} gone`
    const expiry = value.expireTimestamp === -1n ? '' : ` expires at ${age(value.expireTimestamp)}`
    const committed = value.commitTimestamp === BigInt(nowMs) ? '' : ` committed at ${age(value.commitTimestamp)}`
    return `${name} ${value.offset} epoch ${value.leaderEpoch} ${text(value.metadata)}${committed}${expiry}`
  }
  if (decoded?.name === 'GroupMetadata') {
    const { key, value } = decoded
    if (value === null) return `group ${key.group} gone`
    const members = value.members.map(
      (member) =>
        `${shortIds(member.memberId)}${member.groupInstanceId === null ? '' : `/${member.groupInstanceId}`}(${showMetadata(member.subscription)} assignment ${text(Buffer.from(member.assignment).toString())})`,
    )
    const leader = value.leader === null ? 'nobody' : shortIds(value.leader)
    const since = value.currentStateTimestamp === BigInt(nowMs) ? '' : ` since ${age(value.currentStateTimestamp)}`
    return [
      `group ${key.group} gen ${value.generation} ${text(value.protocolType)}/${value.protocol} leader ${leader}${since}`,
      ...members,
    ].join(' ')
  }
  return 'another record'
}

function showMetadata(metadata: Uint8Array): string {
  if (metadata.length === 0) return '-'
  return subscribedTopicsOf(metadata)?.join('+') ?? `!${Buffer.from(metadata).toString()}`
}

function shortIds(memberId: string): string {
  return memberId.replace(
    /-00000000-0000-4000-8000-([0-9a-f]{12})$/,
    (_, digits: string) => `#${Number.parseInt(digits, 16)}`,
  )
}

function text(value: string): string {
  const [first = '-'] = value
  return value.length > 20 && value === first.repeat(value.length) ? `${first}*${value.length}` : value || '-'
}
