import { leaderEpoch, ManualClock, type ProducerId, producerId, type WallMs } from '@odradek/core'
import { ErrorCode, errorName } from '@odradek/protocol'
import { ShardRunner } from '../../runtime/runner.ts'
import type { CoordinatorRecord } from '../../runtime/shard.ts'
import type { TransactionCommand, TransactionEffect, TransactionResponse, WriteMarkersEffect } from '../commands.ts'
import { defaultTransactionConfig, type TransactionConfig } from '../config.ts'
import { transactionAppendErrorCode, transactionErrorResponse } from '../errors.ts'
import { transactionRecord } from '../records.ts'
import { TransactionShard } from '../shard.ts'
import { parseCommand, parseErrorCode, parseLogged, parseMs, parseSetting } from './parse.ts'
import { showEffect, showRecord, showResponse } from './show.ts'

type Runner = ShardRunner<TransactionCommand, TransactionResponse, TransactionEffect>

const FIRST_PRODUCER_ID = 1000n

/**
 * One machine with a log in memory and time that moves when told to, driven by lines of text. See README.md beside this
 * file for the commands; each returns nothing, and what can be seen from outside is collected in `output`.
 */
export class ScenarioWorld {
  readonly output: string[] = []
  private readonly clock = new ManualClock()
  private config: TransactionConfig = defaultTransactionConfig
  private readonly log: { readonly record: CoordinatorRecord; readonly wallMs: WallMs }[] = []
  private coordinatorEpoch = 0
  private runner: Runner
  private requests = 0
  private nextProducerId = FIRST_PRODUCER_ID
  private hasProducerIds = true
  private isHeld = false
  private held: (() => void)[] = []
  private appendErrorCode: ErrorCode = ErrorCode.NONE
  private readonly asked = new Map<string, WriteMarkersEffect>()

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
    if (this.runWorldCommand(name, words) || this.runLogCommand(name, words)) return
    const request = ++this.requests
    const [transactionalId = ''] = words
    if (name === 'markers' && words.length === 1) this.submit(request, this.allWritten(transactionalId))
    else this.submit(request, parseCommand(name, words))
  }

  private runWorldCommand(name: string, words: readonly string[]): boolean {
    switch (name) {
      case 'config':
        this.config = { ...this.config, ...Object.fromEntries(words.map(parseSetting)) }
        return true
      case 'producer-ids':
        this.hasProducerIds = words[0] !== 'none'
        return true
      case 'advance':
        this.clock.advance(parseMs(words[0]))
        return true
      case 'jump-wall':
        this.clock.jumpWall(parseMs(words[0]))
        return true
      default:
        return false
    }
  }

  private runLogCommand(name: string, words: readonly string[]): boolean {
    switch (name) {
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
        this.coordinatorEpoch++
        this.runner = this.startRunner()
        return true
      case 'logged': {
        const { transactionalId, transaction } = parseLogged(words)
        const record = transactionRecord(transactionalId, transaction, this.config.transactionVersion)
        this.log.push({ record, wallMs: this.clock.wallMs() })
        return true
      }
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

  private submit(request: number, command: TransactionCommand): void {
    this.runner.submit(command, (response) => {
      const mayTryAgain = command.kind === 'InitProducerId' || command.kind === 'EndTxn'
      const newProducerId = mayTryAgain && wantsProducerId(response) ? this.takeProducerId() : null
      if (mayTryAgain && newProducerId !== null) this.submit(request, { ...command, newProducerId })
      else this.output.push(`${request} ${showResponse(response, this.clock.wallMs())}`)
    })
  }

  private takeProducerId(): ProducerId | null {
    return this.hasProducerIds ? producerId(this.nextProducerId++) : null
  }

  private allWritten(transactionalId: string): TransactionCommand {
    const effect = this.asked.get(transactionalId)
    if (effect === undefined) throw new Error(`no markers were asked for: ${transactionalId}`)
    const topics = effect.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode: ErrorCode.NONE })),
    }))
    return { ...effect, kind: 'MarkersWritten', topics }
  }

  /** Nobody hears of it: what the old machine would still have said is not seen. */
  private crash(): void {
    const seen = this.output.length
    this.runner.stop()
    this.output.length = seen
  }

  private startRunner(): Runner {
    return new ShardRunner({
      clock: this.clock,
      createShard: () => new TransactionShard(() => this.config, leaderEpoch(this.coordinatorEpoch)),
      append: ({ records }, done) => this.append(records, done),
      errorResponse: transactionErrorResponse,
      appendErrorCode: transactionAppendErrorCode,
      onFailed: (errorCode, error) => {
        this.output.push(`failed ${errorName(errorCode)}${error instanceof Error ? ` ${error.message}` : ''}`)
      },
      onEffect: (effect) => this.onEffect(effect),
    })
  }

  private onEffect(effect: TransactionEffect): void {
    this.output.push(showEffect(effect))
    if (effect.kind === 'WriteMarkers') {
      this.asked.set(effect.transactionalId, effect)
      return
    }
    const newProducerId = this.takeProducerId()
    if (newProducerId !== null) this.submit(++this.requests, { ...effect, kind: 'AbortTimedOut', newProducerId })
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
}

function wantsProducerId(response: TransactionResponse): boolean {
  return (response.kind === 'InitProducerId' || response.kind === 'EndTxn') && response.wantsProducerId
}
