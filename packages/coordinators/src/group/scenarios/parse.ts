import { producerId, type TopicId, topicId, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { ConsumerProtocolSubscription, encodeRecordValue } from '@odradek/protocol/records'
import type { GroupCommand, GroupProtocol, JoinGroupCommand, OffsetCommitTopic, OffsetFetchTopic } from '../commands.ts'
import { defaultGroupConfig } from '../config.ts'

interface Words {
  /** First the group, then the member, or topics and partitions. */
  readonly positional: readonly string[]
  readonly options: ReadonlyMap<string, string>
}

/** Reads one request of a scenario; README.md beside this file has the words. */
export function parseCommand(name: string, words: readonly string[], memberIdBytes: () => Uint8Array): GroupCommand {
  const parsed = parseWords(words)
  return name === 'join'
    ? parseJoin(parsed, memberIdBytes())
    : (parseMemberCommand(name, parsed) ?? parseOffsetCommand(name, parsed))
}

function parseJoin({ positional, options }: Words, memberIdBytes: Uint8Array): JoinGroupCommand {
  const version = Number(options.get('v') ?? 9)
  const sessionTimeoutMs = parseMs(options.get('session') ?? '10s')
  return {
    kind: 'JoinGroup',
    groupId: fullText(positional[0] ?? ''),
    memberId: fullText(options.get('member') ?? '-'),
    groupInstanceId: parseInstance(options),
    clientId: options.get('client') ?? 'c',
    clientHost: '/10.0.0.1',
    memberIdBytes,
    sessionTimeoutMs,
    rebalanceTimeoutMs: version === 0 ? sessionTimeoutMs : parseMs(options.get('rebalance') ?? '60s'),
    protocolType: fullText(options.get('type') ?? 'consumer'),
    protocols: parseProtocols(options.get('protocols') ?? 'range:t'),
    requiresKnownMemberId: version >= 4,
    supportsSkipAssignment: version >= 9,
  }
}

function parseMemberCommand(name: string, { positional, options }: Words): GroupCommand | null {
  const [groupId = '', memberId = ''] = positional.map(fullText)
  const groupInstanceId = parseInstance(options)
  const generationId = Number(options.get('gen') ?? 1)
  switch (name) {
    case 'sync':
      return {
        kind: 'SyncGroup',
        groupId,
        memberId,
        groupInstanceId,
        generationId,
        protocolType: options.get('type') ?? null,
        protocolName: options.get('protocol') ?? null,
        assignments: list(options.get('assign') ?? '').map((text) => {
          const [id = '', assignment = ''] = text.split(':')
          return { memberId: fullText(id), assignment: Buffer.from(fullText(assignment)) }
        }),
      }
    case 'heartbeat':
      return { kind: 'Heartbeat', groupId, memberId, groupInstanceId, generationId }
    case 'leave':
      return { kind: 'LeaveGroup', groupId, members: positional.slice(1).map(parseLeaving) }
    case 'describe':
      return { kind: 'DescribeGroup', groupId }
    case 'list':
      return {
        kind: 'ListGroups',
        statesFilter: list(options.get('states') ?? ''),
        typesFilter: list(options.get('types') ?? ''),
      }
    case 'delete':
      return { kind: 'DeleteGroup', groupId }
    default:
      return null
  }
}

function parseOffsetCommand(name: string, { positional, options }: Words): GroupCommand {
  const [groupId = ''] = positional.map(fullText)
  const rows = positional.slice(1)
  switch (name) {
    case 'commit':
      return {
        kind: 'OffsetCommit',
        groupId,
        generationIdOrMemberEpoch: Number(options.get('gen') ?? -1),
        memberId: fullText(options.get('member') ?? '-'),
        groupInstanceId: parseInstance(options),
        retentionTimeMs: BigInt(parseMs(options.get('retention') ?? '-1ms')),
        knowsGroupIdNotFound: Number(options.get('v') ?? 9) >= 9,
        topics: rows.map((text) => parseCommit(text, options)),
      }
    case 'txn-commit':
      return {
        kind: 'TxnOffsetCommit',
        groupId,
        producerId: producerId(BigInt(options.get('producer') ?? 7)),
        producerEpoch: 0,
        generationIdOrMemberEpoch: Number(options.get('gen') ?? -1),
        memberId: fullText(options.get('member') ?? '-'),
        groupInstanceId: parseInstance(options),
        topics: rows.map((text) => parseCommit(text, options)),
      }
    case 'end':
      return {
        kind: 'EndTransaction',
        producerId: producerId(BigInt(options.get('producer') ?? 7)),
        producerEpoch: 0,
        coordinatorEpoch: 0,
        transactionVersion: 0,
        committed: groupId === 'commit',
      }
    case 'fetch': {
      const topics = rows.length === 0 ? null : rows.map((text) => parseFetch(text, options))
      const requireStable = options.get('stable') === 'yes'
      return { kind: 'OffsetFetch', groupId, memberId: null, memberEpoch: -1, requireStable, topics }
    }
    case 'delete-offsets':
      return { kind: 'OffsetDelete', groupId, topics: rows.map(parseDelete) }
    case 'drop-topic':
      return { kind: 'DropTopic', name: groupId, topicId: parseTopicId(options) }
    default:
      throw new Error(`no command ${name}`)
  }
}

function parseInstance(options: ReadonlyMap<string, string>): string | null {
  const instance = options.get('instance')
  return instance === undefined ? null : fullText(instance)
}

function parseWords(words: readonly string[]): Words {
  const positional: string[] = []
  const options = new Map<string, string>()
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals > 0 && /^[a-z]+$/.test(word.slice(0, equals))) options.set(word.slice(0, equals), word.slice(equals + 1))
    else positional.push(word)
  }
  return { positional, options }
}

/** "-" is the empty text, `c#1` the first member id that was made, `NAME*N` the name N times over. */
function fullText(text: string): string {
  if (text === '-') return ''
  const repeated = /^(.+)\*(\d+)$/.exec(text)
  if (repeated !== null) return (repeated[1] ?? '').repeat(Number(repeated[2]))
  return text.replace(
    /#(\d+)$/,
    (_, digits: string) => `-00000000-0000-4000-8000-${Number(digits).toString(16).padStart(12, '0')}`,
  )
}

function list(text: string): readonly string[] {
  return text === '' ? [] : text.split(',')
}

export function parseMs(text = ''): number {
  const [, sign = '', digits = '', unit = ''] = /^(-?)(\d+)(ms|s|min|h|d)$/.exec(text) ?? []
  const unitMs = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 }[unit]
  if (unitMs === undefined) throw new Error(`no time: ${text}`)
  return Number(`${sign}${digits}`) * unitMs
}

export function parseSetting(text: string): [string, number] {
  const [name = '', value = ''] = text.split(':')
  if (!(name in defaultGroupConfig)) throw new Error(`no setting ${name}`)
  return [name, name.endsWith('Ms') ? parseMs(value) : Number(value)]
}

export function parseErrorCode(name = ''): ErrorCode {
  const found = Object.entries(ErrorCode).find(([key]) => key === name)
  if (found === undefined) throw new Error(`no error ${name}`)
  return found[1]
}

/** `NAME:TOPIC+TOPIC` with a consumer's subscription, `NAME:!text` with bytes that are none. */
function parseProtocols(text: string): GroupProtocol[] {
  return list(fullText(text)).map((protocol) => {
    const [name = '', content = ''] = protocol.split(':')
    if (content.startsWith('!')) return { name, metadata: Buffer.from(content.slice(1)) }
    const topics = content === '' ? [] : content.split('+')
    return { name, metadata: encodeRecordValue(ConsumerProtocolSubscription, 3, { topics, userData: null }) }
  })
}

function parseLeaving(text: string): { memberId: string; groupInstanceId: string | null } {
  const [memberId = '', instance] = text.split('/')
  return { memberId: fullText(memberId), groupInstanceId: instance ?? null }
}

function parseTopicPartition(text: string): { topic: string; partition: number; offset: string } {
  const [name = '', offset = ''] = text.split('=')
  const dash = name.lastIndexOf('-')
  return { topic: name.slice(0, dash), partition: Number(name.slice(dash + 1)), offset }
}

/** A topic's id is made of the letter that `id` names; of A it would be the zero id. */
function parseTopicId(options: ReadonlyMap<string, string>): TopicId {
  const letter = options.get('id')
  return letter === undefined ? ZERO_TOPIC_ID : topicId(`${letter.repeat(21)}A`)
}

function parseCommit(text: string, options: ReadonlyMap<string, string>): OffsetCommitTopic {
  const { topic, partition, offset } = parseTopicPartition(text)
  const [committedOffset = '', metadata] = offset.split(':')
  return {
    name: topic,
    topicId: parseTopicId(options),
    partitions: [
      {
        partitionIndex: partition,
        committedOffset: BigInt(committedOffset),
        committedLeaderEpoch: Number(options.get('epoch') ?? -1),
        committedMetadata: metadata === undefined ? null : fullText(metadata),
        commitTimestamp: BigInt(options.get('timestamp') ?? -1),
      },
    ],
  }
}

function parseFetch(text: string, options: ReadonlyMap<string, string>): OffsetFetchTopic {
  const { topic, partition } = parseTopicPartition(text)
  return { name: topic, topicId: parseTopicId(options), partitionIndexes: [partition] }
}

function parseDelete(text: string) {
  const { topic, partition } = parseTopicPartition(text)
  return { name: topic, partitions: [{ partitionIndex: partition }] }
}
