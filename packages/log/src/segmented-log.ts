import {
  assert,
  type Later,
  type LeaderEpoch,
  leaderEpoch,
  type Offset,
  offset,
  type ProducerId,
  producerId,
  type Timestamp,
  timestamp,
} from '@odradek/core'
import { abortedWithin } from './aborted-transactions.ts'
import { describeClosedLog } from './closed-logs.ts'
import { LogCompaction } from './log-compaction.ts'
import type { LogConfig } from './log-config.ts'
import type { LogEnvironment } from './log-environment.ts'
import { LogFlusher } from './log-flusher.ts'
import type { LoadedLog } from './log-loader.ts'
import { type BatchesRead, LogReader } from './log-reader.ts'
import { LogRetention } from './log-retention.ts'
import { LogState } from './log-state.ts'
import { LogWriter } from './log-writer.ts'
import type {
  AppendRequest,
  AppendResult,
  EpochEndOffset,
  LogWatcher,
  PartitionIdentity,
  PartitionLog,
  ProducerStanding,
  ProducerView,
  ReadBound,
  ReadRequest,
  ReadResult,
  TimestampLookup,
} from './partition-log.ts'
import { EmptyRead, PooledRead } from './read-data.ts'
import type { Segment } from './segment.ts'
import { errorText, isPassing } from './storage-error.ts'
import { TimestampLookups } from './timestamp-lookup.ts'

const OUT_OF_RANGE: ReadResult = { ok: false, error: 'OFFSET_OUT_OF_RANGE' }
const STORAGE_ERROR: ReadResult = { ok: false, error: 'KAFKA_STORAGE_ERROR' }

/** The one log behind all engines: what differs between them is the file system below. */
export class SegmentedLog implements PartitionLog {
  readonly identity: PartitionIdentity
  readonly wasCut: boolean
  readonly compaction: LogCompaction
  private readonly environment: LogEnvironment
  private readonly state: LogState
  private readonly writer: LogWriter
  private readonly flusher: LogFlusher
  private readonly reader: LogReader
  private readonly lookups: TimestampLookups
  private readonly retention: LogRetention
  private isTickDue = false
  private cancelFlushTimer: (() => void) | null = null
  private closing: Promise<void> | null = null
  private watchers: Set<LogWatcher> | null = null
  /** Waits for a turn at whose end all is written and nothing is being flushed. */
  private atRest: (() => void) | null = null
  private isHeldStill = false
  private deleting: Promise<void> | null = null
  private isHighWatermarkHeld = false
  private wasFailureTold = false
  private description: Buffer | null = null

  constructor(
    environment: LogEnvironment,
    identity: PartitionIdentity,
    directory: string,
    config: LogConfig,
    loaded: LoadedLog,
    unsyncedDirectories: readonly string[],
  ) {
    this.environment = environment
    this.identity = identity
    this.wasCut = loaded.wasCut
    const recoveryPoint = environment.recoveryPoints.get(identity) ?? 0
    this.state = new LogState(directory, config, loaded, environment.logger, unsyncedDirectories, recoveryPoint)
    this.state.producers.countIn(environment.producers, config.producersInAllMax)
    this.writer = new LogWriter(environment, identity, this.state)
    this.flusher = new LogFlusher(environment, identity, this.state, () => this.tick())
    this.reader = new LogReader(environment, this.state, config.indexIntervalBytes)
    this.lookups = new TimestampLookups(environment, this.state, this.reader)
    this.retention = new LogRetention(environment, identity, this.state, this.writer, () => this.moved())
    this.compaction = new LogCompaction(environment, identity, this.state, this.writer, this.flusher)
  }

  get startOffset(): Offset {
    return offset(this.state.startOffset)
  }

  get endOffset(): Offset {
    return offset(this.state.endOffset)
  }

  get highWatermark(): Offset {
    return offset(this.state.highWatermark)
  }

  get lastStableOffset(): Offset {
    const { transactions, highWatermark, startOffset } = this.state
    // Of a transaction that began in what is deleted, the rest is undecided, from the log's start on.
    return offset(Math.max(transactions.firstUnstable(highWatermark), startOffset))
  }

  get leaderEpoch(): LeaderEpoch {
    return leaderEpoch(this.state.leaderEpoch)
  }

  get segmentsCount(): number {
    return this.state.segments.all.length
  }

  get sizeBytes(): number {
    return this.state.segments.sizeBytes
  }

  get failure(): string | null {
    return this.state.failure
  }

  append(request: AppendRequest, done: (result: AppendResult) => void): void {
    assert(request.header.sizeBytes === request.batch.length, 'the header is that of the batch')
    this.writer.append(request, done)
    this.scheduleTick()
  }

  read(request: ReadRequest): Later<ReadResult> {
    const { state } = this
    if (state.failure !== null || state.isClosed) return STORAGE_ERROR
    if (request.offset < state.startOffset || request.offset > state.endOffset) return OUT_OF_RANGE
    if (request.bound === 'end') this.writer.writePending()
    const endOffset = this.boundOffset(request.bound)
    if (request.offset >= endOffset) return new EmptyRead(0)
    try {
      const { offset, bytesMax, atLeastOneBatch } = request
      const read = this.reader.read({ offset, endOffset, bytesMax, atLeastOneBatch })
      return read instanceof Promise ? this.readLate(request, read) : this.dataOf(request, read)
    } catch (error) {
      return this.readFailed(request, error)
    }
  }

  async lookupTimestamp(target: Timestamp, bound: ReadBound): Promise<TimestampLookup | null> {
    if (bound === 'end') this.writer.writePending()
    const found = await this.lookUp(() => this.lookups.first(target, this.state.startOffset, this.state.config))
    return found !== null && found.offset < this.boundOffset(bound) ? found : null
  }

  lookupMaxTimestamp(): Promise<TimestampLookup | null> {
    return this.lookUp(() => this.lookups.largest(this.state.config))
  }

  endOffsetForEpoch(epoch: LeaderEpoch): EpochEndOffset | null {
    const found = this.state.epochs.endOffsetFor(epoch, this.state.endOffset)
    return found === null ? null : { leaderEpoch: leaderEpoch(found.epoch), endOffset: offset(found.endOffset) }
  }

  epochAt(at: Offset): LeaderEpoch {
    return leaderEpoch(this.state.epochs.epochAt(at))
  }

  setLeaderEpoch(epoch: LeaderEpoch): void {
    const { state } = this
    assert(epoch >= state.leaderEpoch, 'a leader epoch never falls')
    state.leaderEpoch = epoch
    if (state.epochs.assign(epoch, state.endOffset)) state.areEpochsUnsaved = true
  }

  holdHighWatermark(isHeld: boolean): void {
    if (this.isHighWatermarkHeld === isHeld) return
    this.isHighWatermarkHeld = isHeld
    if (!isHeld) this.moved()
  }

  deleteRecordsBefore(before: Offset): Later<void> {
    const { state } = this
    const { startOffsets } = this.environment
    // Another call for the same may not be on the device yet.
    if (before <= state.startOffset) return startOffsets.save()
    assert(before <= state.highWatermark, 'records that nobody could read are not deleted')
    state.startOffset = before
    this.moved()
    startOffsets.set(this.identity, before)
    // Before any file goes: a power cut may bring back some of the deleted ones, with holes between them.
    return startOffsets.save().finally(() => this.forgetBefore(before))
  }

  configure(config: LogConfig): void {
    const { environment, state } = this
    const { flushMs } = state.config
    state.config = environment.adapt(config)
    this.reader.configure(config.indexIntervalBytes)
    if (state.config.flushMs !== flushMs) {
      this.cancelFlushTimer?.()
      this.cancelFlushTimer = null
    }
    this.scheduleTick()
  }

  producers(): readonly ProducerView[] {
    return [...this.state.producers.entries].map((entry) => ({
      producerId: producerId(entry.producerId),
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: timestamp(entry.lastTimestamp),
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTransactionStartOffset: entry.transactionStartOffset < 0 ? -1 : offset(entry.transactionStartOffset),
    }))
  }

  standingOf(producer: ProducerId): ProducerStanding | null {
    const known = this.state.producers.get(producer)
    if (known === undefined) return null
    const { producerEpoch, coordinatorEpoch, transactionStartOffset, endedTransactions } = known
    return { producerEpoch, coordinatorEpoch, isTransactionOpen: transactionStartOffset >= 0, endedTransactions }
  }

  watch(watcher: LogWatcher): () => void {
    this.watchers ??= new Set()
    const { watchers } = this
    // Wrapped, so that one function may watch twice and each removal is its own.
    const entry = (): void => watcher()
    watchers.add(entry)
    return () => void watchers.delete(entry)
  }

  async flush(): Promise<void> {
    const { state } = this
    this.writer.writePending()
    if (state.flushesToDevice) await this.flusher.finish()
    if (state.failure !== null) throw new Error(`the log cannot be flushed: ${state.failure}`)
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce()
    return this.closing
  }

  private async closeOnce(): Promise<void> {
    const { environment, state, writer } = this
    state.isClosing = true
    this.cancelFlushTimer?.()
    await this.compaction.stop()
    writer.writePending()
    if (state.flushesToDevice) await this.flusher.finish()
    // Before the last answers leave: none of them may begin another flush.
    state.isClosed = true
    this.tick()
    this.visitAtRest()
    if (state.failure === null) this.saveForNextStart()
    // The names in its directory do not change any more.
    if (state.failure === null && environment.isDurable) this.describe()
    for (const segment of state.segments.all) segment.close(environment.files)
    state.producers.countIn(null)
  }

  /** Forgets producers that have long been silent. */
  expireProducers(): void {
    const { clock } = this.environment
    this.state.producers.expire(clock.wallMs(), this.state.config.producerIdExpirationMs)
  }

  /** Deletes the segments whose time is over, in small steps. */
  async deleteOldSegments(): Promise<void> {
    // A compaction would have to give up what it has done so far; the next run will do.
    if (this.compaction.isRunning || this.isHeldStill) return
    this.deleting = this.retention.deleteOld()
    await this.deleting
  }

  /** Where its files are. */
  get directory(): string {
    return this.state.directory
  }

  get segments(): readonly Segment[] {
    return this.state.segments.all
  }

  /** Until `letGo` nothing takes files away from the log but DeleteRecords; appends go on. */
  async holdStill(): Promise<void> {
    this.isHeldStill = true
    await this.compaction.pause()
    await this.deleting
  }

  letGo(): void {
    this.isHeldStill = false
    this.compaction.resume()
  }

  /** Calls `visit` once, when all that was appended is written and no flush is under way, or the log is closed or has failed. */
  whenAtRest(visit: () => void): void {
    assert(this.atRest === null, 'one waits at a time')
    this.atRest = visit
    this.scheduleTick()
  }

  /**
   * The same files are in another place from now on. For use at rest, when all bytes are there; what of them is not on
   * the device is flushed with the next flush, together with the names in `unsyncedDirectories`.
   */
  moveTo(place: LogEnvironment, directory: string, unsyncedDirectories: readonly string[]): void {
    const { environment, state, identity } = this
    assert(!this.flusher.isRunning && !this.writer.isWaiting, 'a log is moved at rest')
    const cleanedTo = environment.cleanerOffsets.get(identity)
    Object.assign(environment, place)
    if (cleanedTo !== null) environment.cleanerOffsets.set(identity, cleanedTo)
    state.directory = directory
    state.unsyncedDirectories.clear()
    for (const each of unsyncedDirectories) state.unsyncedDirectories.add(each)
    for (const segment of state.segments.all) {
      segment.moveTo(environment.files, directory)
      segment.isDirty = true
    }
    state.areEpochsUnsaved = true
    state.factsChecksum = null
    this.reader.forgetRepairs()
  }

  /** Its directory is lost: it answers KAFKA_STORAGE_ERROR until the next start. */
  fail(reason: string): void {
    this.state.fail(reason)
    this.scheduleTick()
  }

  get minCleanableDirtyRatio(): number {
    return this.state.config.minCleanableDirtyRatio
  }

  get isClosed(): boolean {
    return this.state.isClosed
  }

  /** Whether its files are whole and the next start may take them at their word. */
  get endedWell(): boolean {
    return this.state.isClosed && this.state.failure === null
  }

  /** What spares the next start looking at its files; null where it must, or while the log is open. */
  get closedDescription(): Buffer | null {
    return this.description
  }

  /** When its oldest segment was made; null when it has none to give up. The one that is being written to stays. */
  oldestSegmentMs(isWriting: boolean): number | null {
    const { segments } = this.state
    const isOnly = segments.all.length === 1
    if (this.isClosed || (isOnly && (isWriting || this.writer.isWaiting || segments.first.sizeBytes === 0))) return null
    return segments.first.createdMs
  }

  /** Gives up the oldest segment, whoever may want it: its memory is needed elsewhere. */
  dropOldestSegment(): void {
    const { environment, state, writer } = this
    if (state.segments.all.length === 1) writer.roll()
    const dropped = state.segments.removeFirst(1)
    state.startOffset = Math.max(state.startOffset, state.segments.first.baseOffset)
    state.highWatermark = Math.max(state.highWatermark, state.startOffset)
    state.epochs.truncateStart(state.startOffset)
    environment.discard(dropped, state.config.fileDeleteDelayMs)
    this.moved()
  }

  private scheduleTick(): void {
    if (this.isTickDue) return
    this.isTickDue = true
    this.environment.clock.soon(this.tick)
  }

  /** The end of a turn: what was appended in it is written, then answers leave and watchers hear. */
  private readonly tick = (): void => {
    const { state, writer } = this
    this.isTickDue = false
    writer.writePending()
    if (state.failure !== null) this.takeFailure()
    if (!this.flusher.isRunning) this.visitAtRest()
    this.flusher.noteWaiting(writer.queue.waiting)
    writer.queue.release(state.flushesToDevice ? state.flushedOffset : Number.POSITIVE_INFINITY)
    this.advanceHighWatermark()
    this.startDueFlush()
    writer.queue.deliver()
    if (!state.hasMoved) return
    state.hasMoved = false
    for (const watcher of [...(this.watchers ?? [])]) watcher()
  }

  private visitAtRest(): void {
    const visit = this.atRest
    this.atRest = null
    visit?.()
  }

  private takeFailure(): void {
    this.writer.failAll()
    if (this.wasFailureTold) return
    this.wasFailureTold = true
    this.environment.logFailed(this.identity)
  }

  private advanceHighWatermark(): void {
    const { state, writer } = this
    if (state.failure !== null || this.isHighWatermarkHeld) return
    const highWatermark = Math.min(state.writtenOffset, writer.queue.blockedAt ?? state.writtenOffset)
    if (highWatermark <= state.highWatermark) return
    state.highWatermark = highWatermark
    state.transactions.seen(highWatermark)
    state.hasMoved = true
  }

  private startDueFlush(): void {
    const { state, writer } = this
    // Closing flushes by itself.
    if (!state.flushesToDevice || state.failure !== null || state.isClosing) return
    const { segments, config, flushedOffset, writtenOffset } = state
    // A closed segment goes to the device soon, so that recovery need not read it again.
    if (segments.all.length > 1 && segments.all.at(-2)?.isDirty === true) {
      void this.flusher.start()
    } else if (writer.queue.blockedAt !== null) {
      if (!this.flusher.startFor(writer.queue.waiting)) this.scheduleTick()
    } else if (flushedOffset < writtenOffset && config.flushMs !== Number.POSITIVE_INFINITY) {
      this.cancelFlushTimer ??= this.environment.clock.after(config.flushMs, () => {
        this.cancelFlushTimer = null
        if (state.flushesToDevice && state.failure === null) void this.flusher.start()
      })
    }
  }

  private moved(): void {
    this.state.hasMoved = true
    this.scheduleTick()
  }

  private boundOffset(bound: ReadBound): number {
    if (bound === 'end') return this.state.writtenOffset
    return bound === 'highWatermark' ? this.highWatermark : this.lastStableOffset
  }

  private dataOf(request: ReadRequest, read: BatchesRead | null): ReadResult {
    if (read === null) return new EmptyRead(Math.min(request.bytesMax, this.sizeBytes))
    const { pool } = this.environment
    const { segments } = this.state
    try {
      const aborted = request.bound === 'lastStable' ? abortedWithin(segments, request.offset, read.nextOffset) : []
      return new PooledRead(pool, read, aborted)
    } catch (error) {
      pool.give(read.buffer)
      throw error
    }
  }

  private async readLate(request: ReadRequest, read: Promise<BatchesRead | null>): Promise<ReadResult> {
    try {
      return this.dataOf(request, await read)
    } catch (error) {
      return this.readFailed(request, error)
    }
  }

  private readFailed(request: ReadRequest, error: unknown): ReadResult {
    // The segment was dropped under the reader.
    if (request.offset < this.state.startOffset) return OUT_OF_RANGE
    this.onReadError(error)
    return STORAGE_ERROR
  }

  private onReadError(error: unknown): void {
    if (isPassing(error) || this.state.isClosed) return
    this.state.fail(`a read failed: ${errorText(error)}`)
    this.scheduleTick()
  }

  private async lookUp(find: () => Promise<TimestampLookup | null>): Promise<TimestampLookup | null> {
    for (;;) {
      const { startOffset, segments, failure, isClosed } = this.state
      const { generation } = segments
      if (failure !== null || isClosed) throw new Error(`the log cannot be read: ${failure ?? 'it is closed'}`)
      try {
        return await find()
      } catch (error) {
        if (startOffset !== this.state.startOffset || generation !== segments.generation) continue
        this.onReadError(error)
        throw error
      }
    }
  }

  /** No more than that: a later call may have moved the log's start further, and it is not on the device. */
  private forgetBefore(before: number): void {
    const { state } = this
    if (state.isClosed || state.failure !== null) return
    state.epochs.truncateStart(before)
    state.areEpochsUnsaved = true
    const { all } = state.segments
    const kept = all.findIndex((segment, index) => index === all.length - 1 || segment.endOffset > before)
    if (kept <= 0) return
    this.environment.discard(state.segments.removeFirst(kept), state.config.fileDeleteDelayMs)
  }

  private saveForNextStart(): void {
    const { environment, state, writer } = this
    try {
      if (state.segments.active.sizeBytes > 0) state.segments.active.saveAll()
    } catch (error) {
      environment.logger.warn('the indexes of a segment could not be saved', { why: errorText(error) })
    }
    if (state.areEpochsUnsaved && !state.epochs.isEmpty) writer.saveEpochs()
    writer.saveForStart(true)
    if (state.flushesToDevice) environment.recoveryPoints.set(this.identity, state.flushedOffset)
  }
  private describe(): void {
    try {
      this.description = describeClosedLog(this.environment, this.state)
    } catch (error) {
      this.environment.logger.debug('a closed log could not be described', { why: errorText(error) })
    }
  }
}
