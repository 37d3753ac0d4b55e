import { type Append, type EndMarker, type Shard, ShardRunner, type TransactionalProducer } from '@odradek/coordinators'
import {
  assert,
  type Clock,
  type LeaderEpoch,
  type Logger,
  type NodeId,
  type Offset,
  offset,
  type Timestamp,
  timestamp,
  wallMs,
} from '@odradek/core'
import type { AppendError, PartitionLog } from '@odradek/log'
import { ErrorCode, errorName } from '@odradek/protocol'
import {
  type BatchHeader,
  buildBatch,
  buildEndTransactionBatch,
  readBatchHeader,
  readEndTransactionMarker,
  recordsOf,
} from '@odradek/records'
import { hasEnoughInSync } from '../partitions/in-sync.ts'
import type { LocalPartition } from '../services.ts'

/** Read at a time while loading. */
const LOAD_BYTES = 1024 * 1024

/**
 * Before a machine that failed reads its log again, twice as long each time until something could be written: who only
 * reads shall not wait for a disk to become free, and a full disk does not get better by being asked at once.
 */
const RELOAD_DELAY_MS_MIN = 5
const RELOAD_DELAY_MS_MAX = 1000

/** In whose name something is written; all of the rest for a marker alone. */
type Writer = TransactionalProducer & Partial<Pick<EndMarker, 'coordinatorEpoch' | 'transactionVersion'>>

/** What the machines of one internal topic are. */
export interface CoordinatorKind<Command, Response, Effect = never> {
  /** In log lines: `groups`. */
  readonly what: string
  createShard(coordinatorEpoch: LeaderEpoch, partitionIndex: number): Shard<Command, Response, Effect>
  /** Nothing is left of what the machines held: their topic is gone, or the broker stops. */
  dropped(): void
  errorResponse(command: Command, errorCode: ErrorCode): Response
  appendErrorCode(errorCode: ErrorCode): ErrorCode
  /**
   * In whose name the command would write. The log refuses what comes under an old epoch, and the machine must not have
   * acted on it by then, so such a command is answered INVALID_PRODUCER_EPOCH and never handed over. So is a marker of a
   * coordinator that another one has followed: TRANSACTION_COORDINATOR_FENCED.
   */
  producerOf?(command: Command): Writer | null
  /** Carries out what the machine on `node` asks for; resolves with the command that tells it the outcome, if any. */
  perform?(effect: Effect, node: NodeId): Promise<Command | null>
  /**
   * Whether the effect writes nothing to any log. A successor does not wait for it, and must not where it asks the
   * controller: that waits in turn until the successors of the machines that have moved are loaded.
   */
  isOnlyAsking?(effect: Effect): boolean
}

export interface CoordinatorMachineOptions<Command, Response, Effect> {
  readonly kind: CoordinatorKind<Command, Response, Effect>
  readonly partition: LocalPartition
  readonly clock: Clock
  readonly logger: Logger
  /** Of the machine that had the partition before: its effects must be over before the log is read. */
  readonly predecessor: Promise<void>
}

/** The coordinator of what one partition of an internal topic holds, while one node leads it. */
export class CoordinatorMachine<Command, Response, Effect = never> {
  readonly node: NodeId
  /** Under which `node` leads the partition. */
  readonly epoch: LeaderEpoch
  private readonly options: CoordinatorMachineOptions<Command, Response, Effect>
  private readonly log: PartitionLog
  private readonly runner: ShardRunner<Command, Response, Effect>
  private partition: LocalPartition
  private readonly unwatch: () => void
  /** Effects of this machine that are under way, and write. */
  private readonly performing = new Set<Promise<void>>()
  /** Counts the times that the log was read: what an effect of an earlier life comes to is nobody's concern. */
  private life = 0
  private reloadDelayMs = RELOAD_DELAY_MS_MIN

  constructor(options: CoordinatorMachineOptions<Command, Response, Effect>) {
    const { kind, partition, clock } = options
    this.options = options
    this.partition = partition
    this.log = partition.log
    this.node = partition.view.leader
    this.epoch = partition.view.leaderEpoch
    this.runner = new ShardRunner({
      clock,
      createShard: () => kind.createShard(this.epoch, partition.view.index),
      append: (append, done) => this.append(append, done),
      errorResponse: (command, errorCode) => kind.errorResponse(command, errorCode),
      appendErrorCode: (errorCode) => kind.appendErrorCode(errorCode),
      onFailed: (errorCode, error) => this.failed(errorCode, error),
      onEffect: (effect) => this.perform(effect),
    })
    this.unwatch = this.log.watch(() => this.look())
  }

  /** False once its log has failed for good: until the next start nobody coordinates what it holds. */
  get isUsable(): boolean {
    return this.log.failure === null
  }

  /** Reads the log to its end. When that fails the machine stays closed, and tries again a little later. */
  async load(): Promise<void> {
    await this.options.predecessor
    await this.settled()
    this.look()
    if (this.runner.state === 'stopped') return
    try {
      await this.replayAll()
      if (this.runner.state === 'loading') this.runner.loaded()
    } catch (error) {
      const { kind, logger } = this.options
      logger.error(`${kind.what} cannot be loaded`, { ...this.place(), error: String(error) })
      this.later(() => void this.load())
    }
  }

  /** The partition has other replicas or settings, but still the same leader. */
  update(partition: LocalPartition): void {
    this.partition = partition
  }

  submit(command: Command): Promise<Response> {
    const { kind } = this.options
    const producer = this.runner.state === 'active' ? (kind.producerOf?.(command) ?? null) : null
    const refusal = producer === null ? ErrorCode.NONE : this.refusalOf(producer)
    if (refusal !== ErrorCode.NONE) return Promise.resolve(kind.errorResponse(command, refusal))
    return new Promise((resolve) => this.runner.submit(command, resolve))
  }

  /** As the log would put it. */
  private refusalOf({ producerId, producerEpoch, coordinatorEpoch, transactionVersion = 0 }: Writer): ErrorCode {
    const standing = this.log.standingOf(producerId)
    if (standing === null) return ErrorCode.NONE
    // With an epoch for each transaction, a marker with that of the open one is of the one before. (KIP-890)
    const isOfEarlier =
      transactionVersion >= 2 && standing.isTransactionOpen && producerEpoch === standing.producerEpoch
    if (producerEpoch < standing.producerEpoch || isOfEarlier) return ErrorCode.INVALID_PRODUCER_EPOCH
    const isFenced = coordinatorEpoch !== undefined && coordinatorEpoch < standing.coordinatorEpoch
    return isFenced ? ErrorCode.TRANSACTION_COORDINATOR_FENCED : ErrorCode.NONE
  }

  /** Another node coordinates now, or none: all who wait are told. */
  stop(): void {
    this.unwatch()
    this.runner.stop()
  }

  /** Resolves when no effect that writes is under way: no longer can anything be written that this machine has asked for. */
  async settled(): Promise<void> {
    await Promise.all(this.performing)
  }

  private look(): void {
    if (this.isUsable || this.runner.state === 'stopped') return
    const { kind, logger } = this.options
    logger.error(`${kind.what} have no coordinator until the next start: its log has failed`, this.place())
    this.stop()
  }

  private async replayAll(): Promise<void> {
    let at: Offset = this.log.startOffset
    while (at < this.log.endOffset && this.runner.state === 'loading') {
      const result = await this.log.read({ offset: at, bytesMax: LOAD_BYTES, atLeastOneBatch: true, bound: 'end' })
      if (!result.ok) throw new Error(result.error)
      try {
        at = this.replay(result.records, at)
      } finally {
        result.release()
      }
    }
  }

  /** Offset after the last record of `records`. */
  private replay(records: Uint8Array, from: Offset): Offset {
    const limits = { maxDecompressedBytes: this.partition.settings.maxDecompressedBytes }
    let end = from
    for (let at = 0; at < records.length; ) {
      const header = readBatchHeader(records, at)
      const producer = header.isTransactional ? header : null
      for (const { key, value, timestamp: time } of recordsOf(records, limits, at)) {
        if (header.isControl) this.replayControl(header, key, value)
        else if (key !== null) this.runner.replay({ key, value }, wallMs(Number(time)), producer)
      }
      end = offset(header.baseOffset + header.lastOffsetDelta + 1)
      at += header.sizeBytes
    }
    return end
  }

  private replayControl({ producerId }: BatchHeader, key: Uint8Array | null, value: Uint8Array | null): void {
    const marker = readEndTransactionMarker(key, value)
    if (marker !== null) this.runner.replayMarker({ producerId, committed: marker.outcome === 'commit' })
  }

  private append(append: Append, done: (errorCode: ErrorCode) => void): void {
    const { view, settings } = this.partition
    if (!hasEnoughInSync(view, settings)) {
      done(ErrorCode.NOT_ENOUGH_REPLICAS)
      return
    }
    const time = timestamp(BigInt(Math.floor(this.options.clock.wallMs())))
    const batch = append.marker === undefined ? recordsBatch(append, time) : markerBatch(append.marker, time)
    const { transactionVersion } = append.marker ?? {}
    const version = transactionVersion === undefined ? {} : { transactionVersion }
    const request = { batch, header: readBatchHeader(batch), durability: 'flushed', origin: 'coordinator' } as const
    this.log.append({ ...request, ...version }, (result) => {
      if (result.ok) this.reloadDelayMs = RELOAD_DELAY_MS_MIN
      done(result.ok ? ErrorCode.NONE : appendErrorCode(result.error))
    })
  }

  private perform(effect: Effect): void {
    const { kind } = this.options
    assert(kind.perform !== undefined, 'a machine with effects has somebody who does them')
    const { life } = this
    const work = kind.perform(effect, this.node).then((outcome) => {
      this.performing.delete(work)
      if (outcome !== null && life === this.life && this.runner.state === 'active')
        this.runner.submit(outcome, () => {})
    })
    if (kind.isOnlyAsking?.(effect) !== true) this.performing.add(work)
  }

  private failed(errorCode: ErrorCode, error: unknown): void {
    this.life++
    const { kind, logger } = this.options
    logger.error(`a coordinator of ${kind.what} failed and reads its log again`, {
      ...this.place(),
      errorCode: errorName(errorCode),
      error: error instanceof Error ? (error.stack ?? error.message) : null,
    })
    this.later(() => {
      this.runner.reload()
      void this.load()
    })
  }

  private later(run: () => void): void {
    const delayMs = this.reloadDelayMs
    this.reloadDelayMs = Math.min(2 * delayMs, RELOAD_DELAY_MS_MAX)
    this.options.clock.after(delayMs, () => {
      if (this.runner.state !== 'stopped') run()
    })
  }

  private place(): { topic: string; partition: number } {
    return { topic: this.partition.topic.name, partition: this.partition.view.index }
  }
}

function recordsBatch({ records, producer }: Append, time: Timestamp): Uint8Array {
  const transactional = producer === undefined ? null : { ...producer, baseSequence: 0, isTransactional: true }
  return buildBatch({ records: records.map(({ key, value }) => ({ timestamp: time, key, value })), ...transactional })
}

function markerBatch({ committed, ...marker }: EndMarker, time: Timestamp): Uint8Array {
  return buildEndTransactionBatch({ ...marker, outcome: committed ? 'commit' : 'abort', timestamp: time })
}

function appendErrorCode(error: AppendError): ErrorCode {
  return ErrorCode[error]
}
