import type { Clock, Later, LeaderEpoch, Offset, ProducerId, Timestamp } from '@odradek/core'
import type { LogConfig } from '../log-config.ts'
import type {
  AppendRequest,
  AppendResult,
  EpochEndOffset,
  LogStore,
  LogWatcher,
  PartitionIdentity,
  PartitionLog,
  ProducerStanding,
  ProducerView,
  ReadBound,
  ReadRequest,
  ReadResult,
  TimestampLookup,
} from '../partition-log.ts'

type AppendCall = readonly [AppendRequest, (result: AppendResult) => void]

/**
 * Logs that do nothing before some ticks have passed, as a shared store would: not even the offset of an append is known
 * when the call returns. For tests of everything above: no caller may count on more.
 */
export function lateLogStore(store: LogStore, clock: Clock, ticks: number): LogStore {
  return {
    open: async (identity: PartitionIdentity, config: LogConfig) =>
      new LateLog(await store.open(identity, config), clock, ticks),
    list: () => store.list(),
    checkpoints: (identity) => store.checkpoints(identity),
    remove: (identity) => store.remove(identity),
    close: () => store.close(),
  }
}

class LateLog implements PartitionLog {
  private readonly log: PartitionLog
  private readonly clock: Clock
  private readonly ticks: number
  private waiting: AppendCall[] = []

  constructor(log: PartitionLog, clock: Clock, ticks: number) {
    this.log = log
    this.clock = clock
    this.ticks = ticks
  }

  get startOffset(): Offset {
    return this.log.startOffset
  }

  get endOffset(): Offset {
    return this.log.endOffset
  }

  get highWatermark(): Offset {
    return this.log.highWatermark
  }

  get lastStableOffset(): Offset {
    return this.log.lastStableOffset
  }

  get leaderEpoch(): LeaderEpoch {
    return this.log.leaderEpoch
  }

  get segmentsCount(): number {
    return this.log.segmentsCount
  }

  get sizeBytes(): number {
    return this.log.sizeBytes
  }

  get failure(): string | null {
    return this.log.failure
  }

  get wasCut(): boolean {
    return this.log.wasCut
  }

  append(request: AppendRequest, done: (result: AppendResult) => void): void {
    if (this.waiting.length === 0) this.later(() => this.appendWaiting())
    this.waiting.push([{ ...request, batch: Uint8Array.from(request.batch) }, done])
  }

  async read(request: ReadRequest): Promise<ReadResult> {
    await this.pause()
    return this.log.read(request)
  }

  async lookupTimestamp(timestamp: Timestamp, bound: ReadBound): Promise<TimestampLookup | null> {
    await this.pause()
    return this.log.lookupTimestamp(timestamp, bound)
  }

  async lookupMaxTimestamp(): Promise<TimestampLookup | null> {
    await this.pause()
    return this.log.lookupMaxTimestamp()
  }

  endOffsetForEpoch(epoch: LeaderEpoch): EpochEndOffset | null {
    return this.log.endOffsetForEpoch(epoch)
  }

  epochAt(offset: Offset): LeaderEpoch {
    return this.log.epochAt(offset)
  }

  setLeaderEpoch(epoch: LeaderEpoch): void {
    this.appendWaiting()
    this.log.setLeaderEpoch(epoch)
  }

  holdHighWatermark(isHeld: boolean): void {
    this.log.holdHighWatermark(isHeld)
  }

  deleteRecordsBefore(offset: Offset): Later<void> {
    return this.log.deleteRecordsBefore(offset)
  }

  configure(config: LogConfig): void {
    this.appendWaiting()
    this.log.configure(config)
  }

  producers(): readonly ProducerView[] {
    return this.log.producers()
  }

  standingOf(producerId: ProducerId): ProducerStanding | null {
    this.appendWaiting()
    return this.log.standingOf(producerId)
  }

  watch(watcher: LogWatcher): () => void {
    return this.log.watch(watcher)
  }

  flush(): Promise<void> {
    this.appendWaiting()
    return this.log.flush()
  }

  close(): Promise<void> {
    this.appendWaiting()
    return this.log.close()
  }

  private appendWaiting(): void {
    const calls = this.waiting
    this.waiting = []
    for (const [request, done] of calls) this.log.append(request, done)
  }

  private later(run: () => void, ticks = this.ticks): void {
    if (ticks === 0) run()
    else this.clock.soon(() => this.later(run, ticks - 1))
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.later(resolve))
  }
}
