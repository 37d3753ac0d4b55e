import { ManualClock, topicId, type WallMs, ZERO_TOPIC_ID } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { ConsumerProtocolSubscription, encodeRecordValue } from '@odradek/protocol/records'
import { ShardRunner } from '../../runtime/runner.ts'
import type { CoordinatorRecord } from '../../runtime/shard.ts'
import type { GroupCommand, GroupProtocol, GroupResponse, OffsetCommitTopic, OffsetFetchTopic } from '../commands.ts'
import { defaultGroupConfig, type GroupConfig } from '../config.ts'
import { groupAppendErrorCode, groupErrorResponse } from '../errors.ts'
import { GroupShard } from '../shard.ts'
import { showRecord, showResponse } from './show.ts'

/**
 * One machine with a log in memory and time that moves when told to, driven by lines of text. See README.md beside this
 * file for the commands; each returns nothing, and what can be seen from outside is collected in `output`.
 */
export class ScenarioWorld {
  readonly output: string[] = []
  private readonly clock = new ManualClock()
  private config: GroupConfig = defaultGroupConfig
  private readonly log: { readonly record: CoordinatorRecord; readonly wallMs: WallMs }[] = []
  private runner: ShardRunner<GroupCommand, GroupResponse>
  private requests = 0
  private memberIds = 0
  private isHeld = false
  private held: (() => void)[] = []
  private appendErrorCode: ErrorCode = ErrorCode.NONE

  constructor() {
    this.runner = this.startRunner()
    this.runner.loaded()
  }

  /** The number of the last request. */
  get requestCount(): number {
    return this.requests
  }

  run(line: string): void {
    const [name = '', ...words] = line.split(' ')
    const { positional, options } = parseWords(words)
    if (this.runWorldCommand(name, positional)) return
    const request = ++this.requests
    const command = this.parseCommand(name, positional, options)
    this.runner.submit(command, (response) => this.output.push(`${request} ${showResponse(response)}`))
  }

  private runWorldCommand(name: string, words: readonly string[]): boolean {
    switch (name) {
      case 'config':
        this.config = { ...this.config, ...Object.fromEntries(words.map(parseSetting)) }
        return true
      case 'advance':
        this.clock.advance(parseMs(words[0]))
        return true
      case 'jump-wall':
        this.clock.jumpWall(parseMs(words[0]))
        return true
      case 'hold':
        this.isHeld = true
        return true
      case 'release':
        this.isHeld = false
        for (const done of this.held.splice(0)) done()
        return true
      case 'fail':
        this.appendErrorCode = parseErrorCode(words[0])
        return true
      case 'stop':
        this.runner.stop()
        return true
      case 'restart':
        this.crash()
        this.runner = this.startRunner()
        return true
      case 'load':
        for (const { record, wallMs } of this.log) this.runner.replay(record, wallMs)
        this.runner.loaded()
        return true
      case 'reload':
        this.runner.reload()
        return true
      default:
        return false
    }
  }

  /** Nobody hears of it: what the old machine would still have said is not seen. */
  private crash(): void {
    const seen = this.output.length
    this.runner.stop()
    this.output.length = seen
  }

  private startRunner(): ShardRunner<GroupCommand, GroupResponse> {
    return new ShardRunner({
      clock: this.clock,
      createShard: () => new GroupShard(() => this.config),
      append: (records, done) => this.append(records, done),
      errorResponse: groupErrorResponse,
      appendErrorCode: groupAppendErrorCode,
      onFailed: (errorCode, error) => {
        this.output.push(`failed ${nameOf(errorCode)}${error instanceof Error ? ` ${error.message}` : ''}`)
      },
    })
  }

  private append(records: readonly CoordinatorRecord[], done: (errorCode: ErrorCode) => void): void {
    const errorCode = this.appendErrorCode
    this.appendErrorCode = ErrorCode.NONE
    if (errorCode === ErrorCode.NONE) {
      for (const record of records) {
        this.log.push({ record, wallMs: this.clock.wallMs() })
        this.output.push(`write ${showRecord(record, this.clock.wallMs())}`)
      }
    }
    if (this.isHeld) this.held.push(() => done(errorCode))
    else done(errorCode)
  }

  private parseCommand(name: string, words: readonly string[], options: ReadonlyMap<string, string>): GroupCommand {
    const [groupId = '', memberId = ''] = words.map(fullText)
    const option = (key: string, fallback: string): string => options.get(key) ?? fallback
    const number = (key: string, fallback: number): number => Number(options.get(key) ?? fallback)
    const instance = options.get('instance')
    const groupInstanceId = instance === undefined ? null : fullText(instance)
    switch (name) {
      case 'join': {
        const version = number('v', 9)
        const sessionTimeoutMs = parseMs(option('session', '10s'))
        const clientId = option('client', 'c')
        return {
          kind: 'JoinGroup',
          groupId,
          memberId: fullText(option('member', '-')),
          groupInstanceId,
          clientId,
          clientHost: '/10.0.0.1',
          memberIdBytes: this.nextMemberIdBytes(),
          sessionTimeoutMs,
          rebalanceTimeoutMs: version === 0 ? sessionTimeoutMs : parseMs(option('rebalance', '60s')),
          protocolType: fullText(option('type', 'consumer')),
          protocols: parseProtocols(option('protocols', 'range:t')),
          requiresKnownMemberId: version >= 4,
          supportsSkipAssignment: version >= 9,
        }
      }
      case 'sync':
        return {
          kind: 'SyncGroup',
          groupId,
          memberId,
          groupInstanceId,
          generationId: number('gen', 1),
          protocolType: options.get('type') ?? null,
          protocolName: options.get('protocol') ?? null,
          assignments: list(option('assign', '')).map((text) => {
            const [id = '', assignment = ''] = text.split(':')
            return { memberId: fullText(id), assignment: Buffer.from(fullText(assignment)) }
          }),
        }
      case 'heartbeat':
        return { kind: 'Heartbeat', groupId, memberId, groupInstanceId, generationId: number('gen', 1) }
      case 'leave':
        return { kind: 'LeaveGroup', groupId, members: words.slice(1).map(parseLeaving) }
      case 'commit':
        return {
          kind: 'OffsetCommit',
          groupId,
          generationIdOrMemberEpoch: number('gen', -1),
          memberId: fullText(option('member', '-')),
          groupInstanceId,
          retentionTimeMs: BigInt(options.has('retention') ? parseMs(option('retention', '')) : -1),
          knowsGroupIdNotFound: number('v', 9) >= 9,
          topics: words.slice(1).map((text) => parseCommit(text, options)),
        }
      case 'fetch':
        return {
          kind: 'OffsetFetch',
          groupId,
          memberId: null,
          memberEpoch: -1,
          requireStable: false,
          topics: words.length === 1 ? null : words.slice(1).map((text) => parseFetch(text, options)),
        }
      case 'delete-offsets':
        return {
          kind: 'OffsetDelete',
          groupId,
          topics: words.slice(1).map((text) => {
            const { topic, partition } = parseTopicPartition(text)
            return { name: topic, partitions: [{ partitionIndex: partition }] }
          }),
        }
      case 'describe':
        return { kind: 'DescribeGroup', groupId }
      case 'list':
        return { kind: 'ListGroups', statesFilter: list(option('states', '')), typesFilter: list(option('types', '')) }
      case 'delete':
        return { kind: 'DeleteGroup', groupId }
      case 'drop-topic':
        return { kind: 'DropTopic', name: groupId, topicId: parseTopicId(options) }
      default:
        throw new Error(`no command ${name}`)
    }
  }

  private nextMemberIdBytes(): Uint8Array {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt32BE(++this.memberIds, 12)
    return bytes
  }
}

function parseWords(words: readonly string[]): { readonly positional: string[]; readonly options: Map<string, string> } {
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
export function fullText(text: string): string {
  if (text === '-') return ''
  const repeated = /^(.+)\*(\d+)$/.exec(text)
  if (repeated !== null) return (repeated[1] ?? '').repeat(Number(repeated[2]))
  return text.replace(/#(\d+)$/, (_, digits: string) => `-00000000-0000-4000-8000-${Number(digits).toString(16).padStart(12, '0')}`)
}

function list(text: string): readonly string[] {
  return text === '' ? [] : text.split(',')
}

function parseMs(text = ''): number {
  const [, sign = '', digits = '', unit = ''] = /^(-?)(\d+)(ms|s|min|h|d)$/.exec(text) ?? []
  const unitMs = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 }[unit]
  if (unitMs === undefined) throw new Error(`no time: ${text}`)
  return Number(`${sign}${digits}`) * unitMs
}

function parseSetting(text: string): [string, number] {
  const [name = '', value = ''] = text.split(':')
  if (!(name in defaultGroupConfig)) throw new Error(`no setting ${name}`)
  return [name, name.endsWith('Ms') ? parseMs(value) : Number(value)]
}

function parseErrorCode(name = ''): ErrorCode {
  const found = Object.entries(ErrorCode).find(([key]) => key === name)
  if (found === undefined) throw new Error(`no error ${name}`)
  return found[1]
}

function nameOf(errorCode: ErrorCode): string {
  return Object.entries(ErrorCode).find(([, code]) => code === errorCode)?.[0] ?? String(errorCode)
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
function parseTopicId(options: ReadonlyMap<string, string>) {
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
