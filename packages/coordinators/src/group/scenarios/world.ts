import { ManualClock, type WallMs } from '@odradek/core'
import { ErrorCode, errorName } from '@odradek/protocol'
import { ShardRunner } from '../../runtime/runner.ts'
import type { Append } from '../../runtime/shard.ts'
import type { GroupCommand, GroupResponse } from '../commands.ts'
import { defaultGroupConfig, type GroupConfig } from '../config.ts'
import { groupAppendErrorCode, groupErrorResponse } from '../errors.ts'
import { GroupShard } from '../shard.ts'
import { parseCommand, parseErrorCode, parseMs, parseSetting } from './parse.ts'
import { showRecord, showResponse } from './show.ts'

/**
 * One machine with a log in memory and time that moves when told to, driven by lines of text. See README.md beside this
 * file for the commands; each returns nothing, and what can be seen from outside is collected in `output`.
 */
export class ScenarioWorld {
  readonly output: string[] = []
  private readonly clock = new ManualClock()
  private config: GroupConfig = defaultGroupConfig
  private readonly log: { readonly append: Append; readonly wallMs: WallMs }[] = []
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
    if (this.runWorldCommand(name, words)) return
    const request = ++this.requests
    const command = parseCommand(name, words, () => this.nextMemberIdBytes())
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
        this.load()
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
      append: (append, done) => this.append(append, done),
      errorResponse: groupErrorResponse,
      appendErrorCode: groupAppendErrorCode,
      onFailed: (errorCode, error) => {
        this.output.push(`failed ${errorName(errorCode)}${error instanceof Error ? ` ${error.message}` : ''}`)
      },
    })
  }

  private load(): void {
    for (const { append, wallMs } of this.log) {
      for (const record of append.records) this.runner.replay(record, wallMs, append.producer)
      if (append.marker !== undefined) this.runner.replayMarker(append.marker)
    }
    this.runner.loaded()
  }

  private append(append: Append, done: (errorCode: ErrorCode) => void): void {
    const errorCode = this.appendErrorCode
    this.appendErrorCode = ErrorCode.NONE
    if (errorCode === ErrorCode.NONE) {
      const { records, producer, marker } = append
      this.log.push({ append, wallMs: this.clock.wallMs() })
      const place = producer === undefined ? '' : ` in the transaction of ${producer.producerId}`
      for (const record of records) this.output.push(`write ${showRecord(record, this.clock.wallMs())}${place}`)
      if (marker !== undefined) this.output.push(`write ${marker.committed ? 'commit' : 'abort'} ${marker.producerId}`)
    }
    if (this.isHeld) this.held.push(() => done(errorCode))
    else done(errorCode)
  }

  private nextMemberIdBytes(): Uint8Array {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt32BE(++this.memberIds, 12)
    return bytes
  }
}
