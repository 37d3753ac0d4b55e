import { type CoordinatorRecord, ShardRunner, type ShardRunnerOptions } from '@odradek/coordinators'
import { type Clock, type Logger, type NodeId, type Offset, offset, timestamp, wallMs } from '@odradek/core'
import type { AppendError, PartitionLog } from '@odradek/log'
import { ErrorCode, errorName } from '@odradek/protocol'
import { buildBatch, readBatchHeader, recordsOf } from '@odradek/records'
import type { LocalPartition } from './services.ts'

/** Read at a time while loading. */
const LOAD_BYTES = 1024 * 1024

/** Before a machine that failed reads its log again: a full disk does not get better by being asked at once. */
const RELOAD_DELAY_MS = 1000

export interface CoordinatorMachineOptions<Command, Response, Effect>
  extends Pick<
    ShardRunnerOptions<Command, Response, Effect>,
    'createShard' | 'errorResponse' | 'appendErrorCode' | 'onEffect'
  > {
  /** What it coordinates, for the log of the broker: "groups". */
  readonly what: string
  readonly partition: LocalPartition
  readonly clock: Clock
  readonly logger: Logger
  /** Resolves when nothing that effects began is under way: until then a machine that failed does not begin again. */
  readonly effectsEnded?: () => Promise<void>
}

/** The coordinator of one partition of an internal topic, while one node leads it: its state machine over its log. */
export class CoordinatorMachine<Command, Response, Effect = never> {
  readonly node: NodeId
  private readonly options: CoordinatorMachineOptions<Command, Response, Effect>
  private readonly log: PartitionLog
  private readonly runner: ShardRunner<Command, Response, Effect>
  private partition: LocalPartition
  private readonly unwatch: () => void

  constructor(options: CoordinatorMachineOptions<Command, Response, Effect>) {
    this.options = options
    this.partition = options.partition
    this.log = options.partition.log
    this.node = options.partition.view.leader
    this.runner = new ShardRunner({
      ...options,
      append: (records, done) => this.append(records, done),
      onFailed: (errorCode, error) => this.failed(errorCode, error),
    })
    this.unwatch = this.log.watch(() => this.look())
  }

  /** False once its log has failed for good: until the next start nobody coordinates these. */
  get isUsable(): boolean {
    return this.log.failure === null
  }

  /** Reads the log to its end. When that fails the machine stays closed, and tries again a little later. */
  async load(): Promise<void> {
    this.look()
    if (this.runner.state === 'stopped') return
    try {
      await this.replayAll()
      if (this.runner.state === 'loading') this.runner.loaded()
    } catch (error) {
      this.options.logger.error(`${this.options.what} cannot be loaded`, { ...this.place(), error: String(error) })
      this.later(() => void this.load())
    }
  }

  /** The partition has other replicas or settings, but still the same leader. */
  update(partition: LocalPartition): void {
    this.partition = partition
  }

  submit(command: Command): Promise<Response> {
    return new Promise((resolve) => this.runner.submit(command, resolve))
  }

  /** Another node coordinates these now, or none: all who wait are told. */
  stop(): void {
    this.unwatch()
    this.runner.stop()
  }

  private look(): void {
    if (this.isUsable || this.runner.state === 'stopped') return
    this.options.logger.error(
      `${this.options.what} have no coordinator until the next start: its log has failed`,
      this.place(),
    )
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
      if (!header.isControl) {
        for (const { key, value, timestamp: time } of recordsOf(records, limits, at)) {
          if (key !== null) this.runner.replay({ key, value }, wallMs(Number(time)))
        }
      }
      end = offset(header.baseOffset + header.lastOffsetDelta + 1)
      at += header.sizeBytes
    }
    return end
  }

  private append(records: readonly CoordinatorRecord[], done: (errorCode: ErrorCode) => void): void {
    const { view, settings } = this.partition
    if (view.inSyncReplicas.length < Math.min(settings.minInsyncReplicas, view.replicas.length)) {
      done(ErrorCode.NOT_ENOUGH_REPLICAS)
      return
    }
    const time = timestamp(BigInt(Math.floor(this.options.clock.wallMs())))
    const batch = buildBatch({ records: records.map(({ key, value }) => ({ timestamp: time, key, value })) })
    this.log.append({ batch, header: readBatchHeader(batch), durability: 'flushed' }, (result) =>
      done(result.ok ? ErrorCode.NONE : appendErrorCode(result.error)),
    )
  }

  private failed(errorCode: ErrorCode, error: unknown): void {
    this.options.logger.error(`a coordinator of ${this.options.what} failed and reads its log again`, {
      ...this.place(),
      errorCode: errorName(errorCode),
      error: error instanceof Error ? (error.stack ?? error.message) : null,
    })
    this.later(() => void this.reload())
  }

  private async reload(): Promise<void> {
    await this.options.effectsEnded?.()
    if (this.runner.state === 'stopped') return
    this.runner.reload()
    await this.load()
  }

  private later(run: () => void): void {
    this.options.clock.after(RELOAD_DELAY_MS, () => {
      if (this.runner.state !== 'stopped') run()
    })
  }

  private place(): { topic: string; partition: number } {
    return { topic: this.partition.topic.name, partition: this.partition.view.index }
  }
}

function appendErrorCode(error: AppendError): ErrorCode {
  return ErrorCode[error]
}
