import { assert, leaderEpoch, ManualClock, type Prng, producerId, type WallMs } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import { ShardRunner } from '../runtime/runner.ts'
import type { CoordinatorRecord, Now, Step } from '../runtime/shard.ts'
import type {
  EndTxnCommand,
  TransactionCommand,
  TransactionEffect,
  TransactionResponse,
  WriteMarkersEffect,
} from './commands.ts'
import { defaultTransactionConfig, type TransactionConfig } from './config.ts'
import { transactionAppendErrorCode, transactionErrorResponse } from './errors.ts'
import { FuzzPartitions } from './fuzz-partitions.ts'
import type { MachineState } from './machine-state.ts'
import { includesAll } from './partitions.ts'
import { transactionRecord } from './records.ts'
import { TransactionShard } from './shard.ts'
import { isPrepared, newTransaction, type Transaction } from './transaction.ts'
import type { TransactionStore } from './transaction-store.ts'

type Runner = ShardRunner<TransactionCommand, TransactionResponse, TransactionEffect>

const RECORD_ERRORS = [ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.KAFKA_STORAGE_ERROR]

const storeOf = (shard: TransactionShard): TransactionStore =>
  (shard as unknown as { readonly state: MachineState }).state.store

/** Values are replaced whole, never changed. */
function hardStateOf(shard: TransactionShard): ReadonlyMap<string, Transaction> {
  return new Map(storeOf(shard).entries())
}

/** Looks at every decision as it is made. */
class WatchedShard extends TransactionShard {
  override decide(requestId: number, command: TransactionCommand, now: Now) {
    return this.watched(() => super.decide(requestId, command, now))
  }

  override expire(timerKey: string, now: Now) {
    return this.watched(() => super.expire(timerKey, now))
  }

  private watched(decide: () => Step<TransactionResponse, TransactionEffect>) {
    const before = hardStateOf(this)
    const step = decide()
    const after = hardStateOf(this)
    const isSame = before.size === after.size && [...before].every(([id, value]) => after.get(id) === value)
    assert(isSame, '7: deciding changes no hard state')
    return step
  }
}

/** A machine whose appends become durable late, or fail, and that crashes now and then; watched from inside and outside. */
export class FuzzWorld {
  readonly clock = new ManualClock()
  readonly prng: Prng
  readonly partitions = new FuzzPartitions()
  private readonly config: TransactionConfig
  private log: { readonly record: CoordinatorRecord; readonly wallMs: WallMs }[] = []
  private readonly held: (() => void)[] = []
  private coordinatorEpoch = 0
  private shard: TransactionShard
  private runner: Runner
  /** What a machine would know that was started now. */
  private readonly durable: TransactionShard
  private durableRecords = 0
  private isFailed = false
  private failuresUnderWay = 0
  private failNextAppend = false
  private nextProducerId = 1_000n
  private markers: WriteMarkersEffect[] = []
  /** Who was given which producer id and epoch, and who was the last for each transactional id. */
  private readonly holders = new Map<string, string>()
  private readonly newest = new Map<string, string>()
  private readonly epochs = new Map<bigint, number>()

  constructor(prng: Prng, transactionVersion: number) {
    this.prng = prng
    this.config = { ...defaultTransactionConfig, transactionVersion, transactionalIdExpirationMs: 3_600_000 }
    this.durable = this.createShard()
    this.shard = this.createShard()
    this.runner = this.startRunner()
    this.runner.loaded()
  }

  /** A transactional id as it is after years: its epochs are nearly used up. */
  seed(transactionalId: string, id: bigint, producerEpoch: number): void {
    const transaction = { ...newTransaction(producerId(id)), producerEpoch, lastUpdateTimestampMs: this.nowMs }
    const record = transactionRecord(transactionalId, transaction, this.config.transactionVersion)
    const wallMs = this.clock.wallMs()
    this.log.push({ record, wallMs })
    this.becomeDurable([record], wallMs)
    this.crash()
  }

  submit(instance: string, command: TransactionCommand, done: (response: TransactionResponse) => void): void {
    const isOfProducer = command.kind === 'AddPartitionsToTxn' || command.kind === 'EndTxn'
    const newest = isOfProducer ? this.newest.get(command.transactionalId) : undefined
    const isFenced = newest !== undefined && newest !== instance
    let isAnswered = false
    this.runner.submit(command, (response) => {
      assert(!isAnswered && response.kind === command.kind, 'answered once, and in kind')
      isAnswered = true
      if ('wantsProducerId' in response && response.wantsProducerId && this.prng.below(5) > 0) {
        const mayTryAgain = command.kind === 'InitProducerId' || command.kind === 'EndTxn'
        assert(mayTryAgain, 'who wants a producer id can be given one')
        this.submit(instance, { ...command, newProducerId: this.takeProducerId() }, done)
        return
      }
      if (response.errorCode === ErrorCode.NONE) {
        assert(!isFenced, `2: ${instance} was fenced by ${newest} and yet succeeds`)
        this.checkDurable(command, response)
        if ('producerEpoch' in response && 'transactionalId' in command && response.producerEpoch >= 0) {
          this.given(instance, command.transactionalId, response.producerId, response.producerEpoch)
        }
      }
      done(response)
    })
  }

  /** An EndTxn of an earlier transaction that was answered long ago: it changes nothing. */
  sendLate(command: EndTxnCommand): void {
    const before = storeOf(this.shard).get(command.transactionalId)
    this.runner.submit(command, () => undefined)
    const after = storeOf(this.shard).get(command.transactionalId)
    assert(
      before?.state === after?.state && before?.producerEpoch === after?.producerEpoch,
      '4: a late EndTxn ends none',
    )
  }

  settle(count: number): void {
    for (const done of this.held.splice(0, count)) done()
    if (this.isFailed && this.held.length === 0) this.reload()
  }

  failAppend(): void {
    this.failNextAppend = true
  }

  /** As a machine without power: what was not yet durable is gone. Whoever waits hears nothing, here an error. */
  crash(): void {
    this.held.length = 0
    this.log.length = this.durableRecords
    this.runner.stop()
    this.coordinatorEpoch++
    this.shard = this.createShard()
    this.runner = this.startRunner()
    this.begin()
  }

  /** Carries out one of the effects that are asked for: each partition by itself, and perhaps nobody hears of it. */
  writeMarkers(): void {
    const [marker] = this.markers.splice(this.prng.below(this.markers.length), 1)
    if (marker === undefined) return
    const prepared = storeOf(this.durable).get(marker.transactionalId)
    const isPresent = prepared?.producerId === marker.producerId && prepared.producerEpoch === marker.producerEpoch
    assert(isPresent && isPrepared(prepared.state), '6: markers are written between the durable end and the completion')
    const topics = marker.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        const failure = this.prng.below(4) === 0 ? RECORD_ERRORS[this.prng.below(RECORD_ERRORS.length)] : undefined
        if (failure === undefined) this.partitions.mark(partitionIndex, marker)
        return { partitionIndex, errorCode: failure ?? ErrorCode.NONE }
      }),
    }))
    if (this.prng.below(20) === 0) this.crash()
    else this.submit('markers', { ...marker, kind: 'MarkersWritten', topics }, () => undefined)
  }

  checkRestart(): void {
    // What fails is not in the log, but the machine does not know yet.
    if (this.runner.state !== 'active' || this.failuresUnderWay > 0) return
    const replayed = this.createShard()
    for (const { record, wallMs } of this.log) replayed.replay(record, wallMs)
    expect(hardStateOf(replayed)).toEqual(hardStateOf(this.shard))
  }

  /** Nobody sends anything any more: with time alone every transaction ends (invariant 1). */
  finish(): void {
    const isUnfinished = () => storeOf(this.shard).unfinished.size > 0 || this.held.length > 0 || this.isFailed
    for (let round = 0; round < 2_000 && isUnfinished(); round++) {
      this.settle(Number.POSITIVE_INFINITY)
      if (this.markers.length > 0) this.writeMarkers()
      else this.clock.advance(10_000)
    }
    assert(!isUnfinished(), '1: every transaction is resolved')
    assert(this.partitions.openCount === 0, '1: nothing stays open in a partition')
  }

  private get nowMs(): bigint {
    return BigInt(this.clock.wallMs())
  }

  /** Invariant 3. */
  private given(instance: string, transactionalId: string, id: bigint, producerEpoch: number): void {
    const pair = `${id}/${producerEpoch}`
    const holder = this.holders.get(pair)
    assert((holder ?? instance) === instance, `3: ${pair} is given to ${holder} and to ${instance}`)
    this.holders.set(pair, instance)
    this.newest.set(transactionalId, instance)
  }

  /** Invariant 8. */
  private checkDurable(command: TransactionCommand, response: TransactionResponse): void {
    if (!('transactionalId' in command)) return
    const durable = storeOf(this.durable).get(command.transactionalId)
    if (command.kind === 'AddPartitionsToTxn') {
      const isAdded = durable?.state === 'Ongoing' && includesAll(durable.partitions, command.topics)
      assert(isAdded && durable.producerEpoch === command.producerEpoch, '8: what was added is durable')
    } else if (response.kind === 'InitProducerId') {
      const isGiven = durable?.producerId === response.producerId && durable.producerEpoch === response.producerEpoch
      assert(isGiven && durable.state === 'Empty', '8: a producer is durable')
    } else if (command.kind === 'EndTxn') {
      const states = command.committed ? ['PrepareCommit', 'CompleteCommit'] : ['PrepareAbort', 'CompleteAbort']
      assert(durable !== undefined && states.includes(durable.state), '8: an end is durable')
    }
  }

  private becomeDurable(records: readonly CoordinatorRecord[], wallMs: WallMs): void {
    this.durableRecords += records.length
    for (const record of records) {
      this.durable.replay(record, wallMs)
      for (const { producerId: id, producerEpoch } of hardStateOf(this.durable).values()) {
        assert((this.epochs.get(id) ?? -1) <= producerEpoch, '3: the epoch of a producer id never falls')
        this.epochs.set(id, producerEpoch)
      }
    }
  }

  private createShard(): TransactionShard {
    return new WatchedShard(() => this.config, leaderEpoch(this.coordinatorEpoch))
  }

  private takeProducerId() {
    return producerId(this.nextProducerId++)
  }

  private startRunner(): Runner {
    return new ShardRunner({
      clock: this.clock,
      createShard: () => this.shard,
      append: ({ records }, done) => this.append(records, done),
      errorResponse: transactionErrorResponse,
      appendErrorCode: transactionAppendErrorCode,
      onFailed: (_errorCode, error) => {
        if (error !== null) throw error
        this.isFailed = true
      },
      onEffect: (effect) => this.onEffect(effect),
    })
  }

  private onEffect(effect: TransactionEffect): void {
    if (effect.kind === 'WriteMarkers') this.markers.push(effect)
    else this.runner.submit({ ...effect, kind: 'AbortTimedOut', newProducerId: this.takeProducerId() }, () => undefined)
  }

  private append(records: readonly CoordinatorRecord[], done: (errorCode: ErrorCode) => void): void {
    const errorCode = this.failNextAppend ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.NONE
    this.failNextAppend = false
    const wallMs = this.clock.wallMs()
    if (errorCode === ErrorCode.NONE) this.log.push(...records.map((record) => ({ record, wallMs })))
    else this.failuresUnderWay++
    this.held.push(() => {
      if (errorCode === ErrorCode.NONE) this.becomeDurable(records, wallMs)
      done(errorCode)
    })
  }

  private reload(): void {
    this.shard = this.createShard()
    this.runner.reload()
    this.begin()
  }

  /** Markers of the life before are no longer written, as SPEC.md asks for. */
  private begin(): void {
    this.isFailed = false
    this.failuresUnderWay = 0
    this.markers = []
    for (const { record, wallMs } of this.log) this.runner.replay(record, wallMs)
    this.runner.loaded()
  }
}
