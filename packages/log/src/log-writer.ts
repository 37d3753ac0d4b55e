import { leaderEpoch, NO_TIMESTAMP, offset, timestamp } from '@odradek/core'
import { type BatchHeader, patchBatch } from '@odradek/records'
import { type AppendDone, AppendQueue } from './append-queue.ts'
import { type TransactionMarker, transactionMarkerIn } from './control-marker.ts'
import { LEADER_EPOCHS_NAME } from './file-names.ts'
import type { LogEnvironment } from './log-environment.ts'
import type { LogState } from './log-state.ts'
import type { AppendError, AppendRequest, AppendResult, PartitionIdentity } from './partition-log.ts'
import { COPIED_BATCH_BYTES_MAX, PendingBatches } from './pending-batches.ts'
import { recordProducer } from './producer-history.ts'
import type { ProducedBatch, Verdict } from './producer-state.ts'
import { type BatchFacts, HalfWrittenError, newSegment, type Segment } from './segment.ts'
import { replaceFile } from './small-file.ts'
import { saveFacts, saveSnapshot } from './start-files.ts'
import { errorText, isPassing } from './storage-error.ts'

/** Gives batches their offsets and brings them into the files: all small ones of a tick in one write. */
export class LogWriter {
  /** Answers in the order of the calls; they leave when what they rest on is written, or flushed. */
  readonly queue = new AppendQueue()
  private readonly environment: LogEnvironment
  private readonly identity: PartitionIdentity
  private readonly state: LogState
  private readonly pending: PendingBatches

  constructor(environment: LogEnvironment, identity: PartitionIdentity, state: LogState) {
    this.environment = environment
    this.identity = identity
    this.state = state
    this.pending = new PendingBatches(environment.pool)
  }

  /** Whether batches have offsets, but are not written. */
  get isWaiting(): boolean {
    return this.pending.bytes > 0
  }

  append(request: AppendRequest, done: AppendDone): void {
    const { batch, header } = request
    const marker = transactionMarkerIn(batch, 0, header)
    const verdict = this.judge(request, marker)
    if (typeof verdict === 'string') this.refuse(verdict, done)
    else if (verdict !== null) this.repeat(verdict, request, done)
    else this.accept(request, marker, done)
  }

  /**
   * Writes what waits, and `last` after it, whose facts are the last of the pending ones. A failed write is answered as
   * if its batches had never come.
   */
  writePending(last: Uint8Array | null = null): void {
    const { pending, state } = this
    const buffers = pending.buffers(last)
    if (buffers.length > 0 && state.failure === null) {
      try {
        this.write(buffers, pending.bytes + (last?.length ?? 0))
        this.written()
      } catch (error) {
        this.takeBack(error)
      }
    }
    pending.clear()
    this.queue.markWritten()
  }

  /** Closes the active segment and begins another where the log ends. */
  roll(): void {
    const { environment, state } = this
    this.writePending()
    const { active } = state.segments
    if (active.sizeBytes === 0 || state.failure !== null) return
    try {
      active.seal()
    } catch (error) {
      // The indexes stay in memory; without files they are made anew at the next start.
      environment.logger.warn('the indexes of a segment could not be saved', { why: errorText(error) })
    }
    const logPosition = active.logPosition + active.sizeBytes
    state.segments.push(newSegment(environment, state.directory, state.endOffset, logPosition, state.config))
    this.saveForStart(false)
  }

  /** Files that spare the next start reading the log; `whenClosed` with the active segment. */
  saveForStart(whenClosed: boolean): void {
    const { environment, state } = this
    const { directory, endOffset, producers } = state
    if (endOffset > state.snapshotOffset && saveSnapshot(environment, directory, endOffset, producers)) {
      state.snapshotOffset = endOffset
    }
    saveFacts(environment, state, whenClosed)
  }

  failAll(): void {
    this.pending.clear()
    this.queue.failAll(this.failed('KAFKA_STORAGE_ERROR'))
  }

  private needsNewSegment(header: BatchHeader): boolean {
    const { segments, endOffset, config } = this.state
    const lastOffset = endOffset + header.lastOffsetDelta
    return segments.active.mustRollFor(header, lastOffset, this.pending.bytes, config, this.environment.clock)
  }

  private judge({ header, transactionVersion, origin }: AppendRequest, marker: TransactionMarker | null): Verdict {
    const { config, failure, isClosing } = this.state
    if (failure !== null || isClosing) return 'KAFKA_STORAGE_ERROR'
    if (header.sizeBytes > config.segmentBytes) return 'RECORD_LIST_TOO_LARGE'
    // Before the producer's state is asked and the batch has its offset: a write that fails here takes some of it back,
    // and one that goes well counts all that has an offset as written.
    if (this.needsNewSegment(header)) this.roll()
    else if (isCopied(header.sizeBytes) && !this.pending.hasRoomFor(header.sizeBytes)) this.writePending()
    if (marker !== null) return this.state.producers.checkMarker(marker, transactionVersion)
    if (header.producerId < 0n || header.isControl) return null
    if (origin === 'coordinator') return this.state.producers.checkEpoch(header)
    return this.state.producers.check(header, transactionVersion)
  }

  private accept(request: AppendRequest, marker: TransactionMarker | null, done: AppendDone): void {
    const { state } = this
    const { batch, header } = request
    const baseOffset = state.endOffset
    const lastOffset = baseOffset + header.lastOffsetDelta
    patchBatch(batch, 0, offset(baseOffset), leaderEpoch(state.leaderEpoch))
    if (state.epochs.assign(state.leaderEpoch, baseOffset)) state.areEpochsUnsaved = true
    if (header.producerId >= 0n) {
      recordProducer(state.producers, state.transactions, header, marker, baseOffset, this.environment.clock.wallMs())
    }
    state.endOffset = lastOffset + 1
    const result: AppendResult = {
      ok: true,
      baseOffset: offset(baseOffset),
      lastOffset: offset(lastOffset),
      duplicate: false,
      duplicateTimestamp: NO_TIMESTAMP,
      logStartOffset: offset(state.startOffset),
    }
    this.queue.push(done, result, this.flushTarget(request, state.endOffset), baseOffset)
    this.place(batch, {
      lastOffset,
      maxTimestamp: header.maxTimestamp,
      sizeBytes: batch.length,
      isMaxTimestampTrusted:
        header.codec === 0 || header.timestampType === 'LogAppendTime' || request.areTimestampsVerified === true,
    })
  }

  private place(batch: Uint8Array, facts: BatchFacts): void {
    const { pending } = this
    if (isCopied(batch.length)) {
      pending.add(batch, facts)
      return
    }
    pending.facts.push(facts)
    this.writePending(batch)
  }

  /** How far the log must be flushed before the answer may leave; `flush.messages` makes a flush of every so many. */
  private flushTarget(request: AppendRequest, endOffset: number): number {
    const { state } = this
    if (!state.flushesToDevice) return 0
    const isDue = endOffset - state.flushedOffset >= state.config.flushMessages
    return request.durability === 'flushed' || isDue ? endOffset : 0
  }

  private repeat(original: ProducedBatch, request: AppendRequest, done: AppendDone): void {
    const { state } = this
    const result: AppendResult = {
      ok: true,
      baseOffset: offset(original.baseOffset),
      lastOffset: offset(original.lastOffset),
      duplicate: true,
      duplicateTimestamp: timestamp(original.maxTimestamp),
      logStartOffset: offset(state.startOffset),
    }
    this.queue.push(done, result, this.flushTarget(request, original.lastOffset + 1), state.endOffset)
  }

  private refuse(error: AppendError, done: AppendDone): void {
    this.queue.push(done, this.failed(error), 0, this.state.endOffset)
  }

  private failed(error: AppendError): AppendResult {
    return { ok: false, error, logStartOffset: offset(this.state.startOffset) }
  }

  private write(buffers: readonly Uint8Array[], totalBytes: number): void {
    const { environment, state } = this
    const { active } = state.segments
    if (active.sizeBytes === 0) state.unsyncedDirectories.add(state.directory)
    for (;;) {
      try {
        active.write(environment.files, buffers, totalBytes)
        return
      } catch (error) {
        if (!isPassing(error) || !environment.makeRoom(this.identity, error)) throw error
      }
    }
  }

  private written(): void {
    const { pending, state } = this
    const { active } = state.segments
    for (const facts of pending.facts) active.note(facts, state.config.indexIntervalBytes)
    this.noteAborted(active)
    state.writtenOffset = state.endOffset
    state.producers.commit()
    if (!state.areEpochsUnsaved) return
    this.saveEpochs()
    // Kafka's file has no checksum.
    saveFacts(this.environment, state, false)
  }

  private noteAborted(active: Segment): void {
    const aborted = this.state.transactions.takeAborted()
    if (aborted.length === 0) return
    for (const entry of aborted) active.transactionIndex.append(entry)
    try {
      active.transactionIndex.save()
    } catch (error) {
      // They stay in memory; the next abort tries again.
      this.environment.logger.debug('aborted transactions could not be saved', { why: errorText(error) })
    }
  }

  saveEpochs(): void {
    const { environment, state } = this
    try {
      replaceFile(environment.fs, `${state.directory}/${LEADER_EPOCHS_NAME}`, state.epochs.toText())
      state.areEpochsUnsaved = false
    } catch (error) {
      // Every batch carries its epoch, so the file can be made anew at the next start.
      environment.logger.warn('leader epochs could not be saved', { why: errorText(error) })
    }
  }

  /** The batches since the last good write have no place: whatever they moved goes back. */
  private takeBack(error: unknown): void {
    const { environment, state } = this
    state.producers.rollback()
    state.transactions.truncate(state.writtenOffset)
    state.endOffset = state.writtenOffset
    state.epochs.truncateEnd(state.endOffset)
    state.epochs.assign(state.leaderEpoch, state.endOffset)
    this.queue.failUnwritten(offset(state.endOffset), this.failed('KAFKA_STORAGE_ERROR'))
    if (error instanceof HalfWrittenError || !isPassing(error)) state.fail(`a write failed: ${errorText(error)}`)
    else environment.logger.debug('a write found no space', { directory: state.directory, why: errorText(error) })
  }
}

const isCopied = (sizeBytes: number): boolean => sizeBytes < COPIED_BATCH_BYTES_MAX
