import type { Logger } from '@odradek/core'
import type { LeaderEpochs } from './leader-epochs.ts'
import type { LogConfig } from './log-config.ts'
import type { LoadedLog } from './log-loader.ts'
import type { ProducerState } from './producer-state.ts'
import type { SegmentList } from './segment-list.ts'
import type { Transactions } from './transactions.ts'

/** What the parts of one log share: its offsets, in the order in which they follow each other, and what rests on them. */
export class LogState {
  directory: string
  readonly segments: SegmentList
  readonly epochs: LeaderEpochs
  readonly producers: ProducerState
  readonly transactions: Transactions
  config: LogConfig
  startOffset: number
  highWatermark: number
  /** Below it all is on the device. Stands still where flushing is left to the operating system, and is true there too. */
  flushedOffset: number
  /** Below it the operating system has all. */
  writtenOffset: number
  /** Below it every offset is given away. */
  endOffset: number
  leaderEpoch: number
  /** See BatchOrder. */
  denseFrom: number
  areEpochsUnsaved: boolean
  /** Of the newest `.snapshot` file; -1 when there is none. */
  snapshotOffset: number
  /** Of the file of facts, see start-files.ts; null when there is none. */
  factsChecksum: number | null
  /** Directories with names that a power cut could still take. */
  readonly unsyncedDirectories: Set<string>
  failure: string | null
  /** Is being closed: takes no batch any more, but answers those it has. */
  isClosing = false
  isClosed = false
  /** Something that watchers look at has changed. */
  hasMoved = false
  private readonly logger: Logger

  constructor(
    directory: string,
    config: LogConfig,
    loaded: LoadedLog,
    logger: Logger,
    unsyncedDirectories: readonly string[],
    recoveryPoint: number,
  ) {
    this.directory = directory
    this.config = config
    this.logger = logger
    this.segments = loaded.segments
    this.epochs = loaded.epochs
    this.producers = loaded.producers
    this.transactions = loaded.transactions
    this.startOffset = loaded.startOffset
    this.endOffset = Math.max(loaded.segments.active.endOffset, loaded.startOffset)
    this.writtenOffset = this.endOffset
    this.highWatermark = this.endOffset
    this.leaderEpoch = Math.max(0, loaded.epochs.latestEpoch)
    this.denseFrom = loaded.denseFrom
    this.areEpochsUnsaved = loaded.areEpochsUnsaved
    this.snapshotOffset = loaded.snapshotOffset
    this.factsChecksum = loaded.factsChecksum
    this.unsyncedDirectories = new Set(unsyncedDirectories)
    this.flushedOffset = this.endOffset
    if (recoveryPoint < this.endOffset) this.markUnflushed(recoveryPoint)
    this.failure = loaded.failure
  }

  get flushesToDevice(): boolean {
    return this.config.flush === 'device'
  }

  /**
   * A process with `odradek.flush=os` may have ended well and flushed nothing: what lies above the recovery point goes to
   * the device with the first flush.
   */
  private markUnflushed(recoveryPoint: number): void {
    const unflushed = this.segments.all.filter((each) => each.sizeBytes > 0 && each.endOffset > recoveryPoint)
    if (unflushed.length === 0) return
    for (const segment of unflushed) segment.isDirty = true
    this.flushedOffset = recoveryPoint
    this.unsyncedDirectories.add(this.directory)
  }

  /** Nothing is acknowledged or served any more: what the disk holds is not known. Never undone but by a restart. */
  fail(reason: string): void {
    if (this.failure !== null) return
    this.failure = reason
    this.hasMoved = true
    this.logger.error('a partition is offline', { directory: this.directory, why: reason })
  }
}
