import { timestamp } from '@odradek/core'
import {
  BatchFilter,
  type BatchHeader,
  type BatchPlan,
  openBatch,
  type RecordScanner,
  RecordsError,
  readBatchHeader,
} from '@odradek/records'
import { abortedWithin } from '../aborted-transactions.ts'
import { baseOffsetAt, isControlAt, lastOffsetAt, sizeAt } from '../batch-bytes.ts'
import { transactionMarkerIn } from '../control-marker.ts'
import type { LogEnvironment } from '../log-environment.ts'
import { batchFactsAt, CorruptLogError } from '../log-reader.ts'
import type { LogState } from '../log-state.ts'
import { readRanges } from '../range-reader.ts'
import { Segment } from '../segment.ts'
import { saveFacts } from '../start-files.ts'
import { BatchStep } from './batch-step.ts'
import type { CleanableRange } from './cleanable-range.ts'
import { isLastBatch, type LastBatches } from './last-batches.ts'
import { OffsetMap } from './offset-map.ts'
import { groupSegments } from './segment-groups.ts'
import { cleanedPath, replaceSegments } from './segment-swap.ts'
import { TransactionTracker } from './transaction-tracker.ts'

const SECRET_BYTES = 16
/** What is looked at before other work gets its turn: a millisecond, as long as nothing has to be unpacked. */
const STEP_BYTES_MAX = 256 * 1024
const STEP_BYTES_MIN = 16 * 1024
/**
 * A step that takes longer ends after the batch that it is at. A produce request with acks=all takes several turns of the event
 * loop, and may wait for a step in each: steps of 2 ms made its p99.9 11 ms longer, those of 1 ms 5 (compaction.bench.ts).
 */
const STEP_MS_MAX = 1
/**
 * What is written goes to the device so much at a time: a producer's flush waits for all that the file system has promised
 * to write before it, which of a whole segment was some hundred milliseconds (compaction.bench.ts).
 */
const UNFLUSHED_BYTES_MAX = 512 * 1024

/** The log is closed, removed or cut, or the store stops: what has not been put in place is dropped. */
export class CompactionAbortedError extends Error {
  override readonly name = 'CompactionAbortedError'
}

export interface CleaningOptions {
  readonly range: CleanableRange
  /** Of producers as they were before all of the log was flushed: a later batch may be lost in a power cut. */
  readonly lastBatches: LastBatches
  /** log.cleaner.dedupe.buffer.size */
  readonly dedupeBufferBytes: number
  /** Called after each step with the bytes that were read and written: waits, and throws to abort. */
  pause(bytes: number): Promise<void>
}

/** One run of Kafka's log cleaner over one log: first the last offset of each key, then segment after segment. */
export class LogCleaner {
  private readonly environment: LogEnvironment
  private readonly state: LogState
  private readonly options: CleaningOptions
  private readonly map: OffsetMap
  private readonly filter: BatchFilter
  private readonly nowMs: number
  private writtenBytes = 0
  private unflushedBytes = 0
  private stepBytes = STEP_BYTES_MIN

  constructor(environment: LogEnvironment, state: LogState, options: CleaningOptions) {
    const { firstDirtyOffset, firstUncleanableOffset } = options.range
    this.environment = environment
    this.state = state
    this.options = options
    const secret = environment.prng.bytes(SECRET_BYTES)
    this.map = new OffsetMap(firstDirtyOffset, firstUncleanableOffset, options.dedupeBufferBytes, secret)
    this.filter = new BatchFilter(state.config)
    this.nowMs = environment.clock.wallMs()
  }

  /** Returns the offset up to which every key is there once. */
  async run(): Promise<number> {
    await this.fillMap()
    const { segments, startOffset, config } = this.state
    const endOffset = this.map.latestOffset + 1
    const { firstUncleanableOffset } = this.options.range
    const cleanable = segments.all.filter((each) => each.baseOffset < Math.min(endOffset, firstUncleanableOffset))
    const tracker = new TransactionTracker(abortedWithin(segments, startOffset, firstUncleanableOffset))
    for (const group of groupSegments(cleanable, config, firstUncleanableOffset)) {
      await this.cleanGroup(group, tracker)
    }
    saveFacts(this.environment, this.state, false)
    return endOffset
  }

  private async fillMap(): Promise<void> {
    const { firstDirtyOffset, firstUncleanableOffset } = this.options.range
    const { segments } = this.state
    const tracker = new TransactionTracker(abortedWithin(segments, firstDirtyOffset, firstUncleanableOffset))
    const from = segments.floorIndex(firstDirtyOffset)
    const dirty = segments.all.slice(from).filter((each) => each.baseOffset < firstUncleanableOffset)
    this.map.latestOffset = firstDirtyOffset - 1
    for (const [index, segment] of dirty.entries()) {
      const isFull = await this.walk(segment, (bytes, at) => this.takeIn(bytes, at, tracker))
      if (isFull) return
      // The offsets after the segment's last batch are known to be nobody's.
      this.map.latestOffset = Math.max(
        this.map.latestOffset,
        (dirty[index + 1]?.baseOffset ?? firstUncleanableOffset) - 1,
      )
    }
  }

  /** True when the map is full. */
  private takeIn(bytes: Buffer, at: number, tracker: TransactionTracker): boolean {
    const { map } = this
    const { firstDirtyOffset } = this.options.range
    const batch = bytes.subarray(at, at + sizeAt(bytes, at))
    const header = readBatchHeader(batch)
    const lastOffset = header.baseOffset + header.lastOffsetDelta
    if (header.isControl) {
      tracker.control(transactionMarkerIn(batch, 0, header), header.recordsCount, lastOffset)
    } else if (!tracker.data(header.producerId, lastOffset, header.isTransactional) && header.recordsCount > 0) {
      const scanner = openBatch(batch, header, this.state.config)
      for (let index = 0; index < header.recordsCount; index++) {
        scanner.read()
        const offset = header.baseOffset + scanner.offsetDelta
        if (scanner.keyLength < 0 || offset < firstDirtyOffset) continue
        if (map.isFull) return true
        map.put(scanner.bytes, scanner.keyAt, scanner.keyLength, offset)
      }
    }
    map.latestOffset = Math.max(map.latestOffset, lastOffset)
    return false
  }

  /** Shows each batch of the segment in order, in steps; true when `visit` wanted no more. */
  private async walk(
    segment: Segment,
    visit: (bytes: Buffer, at: number) => boolean,
    afterStep: () => void = () => {},
    betweenSteps: () => Promise<void> = async () => {},
  ): Promise<boolean> {
    const { clock, files, pool } = this.environment
    let isEnough = false
    let endMs = -1
    const look = (bytes: Buffer, at: number) => {
      if (endMs < 0) endMs = clock.monotonicMs() + STEP_MS_MAX
      isEnough = visitBatch(segment, bytes, at, visit)
      return isEnough || clock.monotonicMs() >= endMs
    }
    let nextOffset = segment.baseOffset
    for (let position = 0; position < segment.sizeBytes && !isEnough; ) {
      const writtenBefore = this.writtenBytes
      endMs = -1
      const step = new BatchStep(segment, { position, nextOffset }, this.state, this.stepBytes, look, afterStep)
      pool.give(await readRanges(step, segment.log, files, pool))
      const readBytes = step.position - position
      position = step.position
      nextOffset = step.nextOffset
      // What was read and not looked at is read again: less of it the next time.
      const isTooMuch = readBytes < this.stepBytes / 2
      this.stepBytes = Math.max(
        STEP_BYTES_MIN,
        Math.min(STEP_BYTES_MAX, Math.ceil(isTooMuch ? readBytes * 1.5 : readBytes * 2)),
      )
      await betweenSteps()
      await this.options.pause(readBytes + this.writtenBytes - writtenBefore)
    }
    return isEnough
  }

  private async cleanGroup(group: readonly Segment[], tracker: TransactionTracker): Promise<void> {
    const { environment, state } = this
    const cleaned = this.newSegment(group)
    try {
      this.unflushedBytes = 0
      for (const segment of group) await this.cleanInto(cleaned, segment, tracker)
      cleaned.coldBytes = cleaned.sizeBytes
      // An empty segment has a file too: it tells where the log begins.
      environment.files.use(cleaned.log)
      copyAborted(cleaned, group, tracker.keptMarkers)
      if (!(await replaceSegments(environment, state, cleaned, group))) {
        throw new CompactionAbortedError('segments are gone')
      }
    } catch (error) {
      // Once the log has failed the names may be half exchanged: the next start knows what to do with them.
      if (state.failure === null && !state.segments.all.includes(cleaned)) {
        environment.files.close(cleaned.log)
        environment.fs.unlinkSync(cleaned.log.path)
      }
      throw error
    }
  }

  private newSegment(group: readonly Segment[]): Segment {
    const { files, fs } = this.environment
    const { directory } = this.state
    const first = group[0]
    const last = group.at(-1)
    if (first === undefined || last === undefined) throw new CompactionAbortedError('nothing to compact')
    const cleaned = new Segment({
      ...{ files, directory, baseOffset: first.baseOffset, createdMs: first.createdMs, jitterMs: 0 },
      logPosition: first.logPosition,
    })
    cleaned.log.path = cleanedPath(directory, first.baseOffset)
    fs.unlinkSync(cleaned.log.path)
    cleaned.writtenMs = Math.max(...group.map((each) => each.writtenMs ?? fs.statSync(each.log.path)?.modifiedMs ?? 0))
    return cleaned
  }

  private async cleanInto(cleaned: Segment, segment: Segment, tracker: TransactionTracker): Promise<void> {
    const { environment, state } = this
    let output: Buffer[] = []
    const visit = (bytes: Buffer, at: number): boolean => {
      const batch = bytes.subarray(at, at + sizeAt(bytes, at))
      const left = this.filterBatch(batch, tracker)
      if (left !== null) output.push(left)
      return false
    }
    const write = (): void => {
      let totalBytes = 0
      for (const batch of output) totalBytes += batch.byteLength
      if (totalBytes > 0) cleaned.write(environment.files, output, totalBytes)
      for (const batch of output) cleaned.note(batchFactsAt(batch, 0), state.config.indexIntervalBytes)
      output = []
      this.writtenBytes += totalBytes
      this.unflushedBytes += totalBytes
    }
    await this.walk(segment, visit, write, () => this.flushSome(cleaned))
  }

  private async flushSome(cleaned: Segment): Promise<void> {
    const { files, isDurable } = this.environment
    if (this.unflushedBytes < UNFLUSHED_BYTES_MAX || !isDurable) return
    this.unflushedBytes = 0
    const handle = files.pin(cleaned.log)
    try {
      await handle.datasync()
    } finally {
      files.unpin(cleaned.log)
    }
  }

  /** What stays of a batch: its own bytes, others, or null. */
  private filterBatch(batch: Buffer, tracker: TransactionTracker): Buffer | null {
    const header = readBatchHeader(batch)
    const lastOffset = lastOffsetAt(batch, 0)
    const isNeedless = header.isControl
      ? tracker.control(transactionMarkerIn(batch, 0, header), header.recordsCount, lastOffset)
      : tracker.data(header.producerId, lastOffset, header.isTransactional)
    const isExpired = header.hasDeleteHorizon && header.baseTimestamp <= this.nowMs
    const endsRange = lastOffset + 1 === this.options.range.firstUncleanableOffset
    // The last batch stays for its offset's sake: a marker whole, since clients stumble over a control batch without its record.
    const dropsRecords = isNeedless && (!header.isControl || (isExpired && !endsRange))
    const plan: BatchPlan = {
      keeps: dropsRecords
        ? never
        : isControlAt(batch, 0)
          ? always
          : (scanner) => this.keepsRecord(scanner, header, isExpired),
      keepsEmpty: isLastBatch(this.options.lastBatches, header) || endsRange,
      isMarkerOfEmptyTransaction: isNeedless && header.isControl,
      deleteHorizonMs: timestamp(BigInt(this.nowMs + this.state.config.deleteRetentionMs)),
    }
    const filtered = this.filter.filter(batch, header, plan)
    if (filtered === 'original') return batch
    return filtered === 'dropped' ? null : Buffer.from(filtered.buffer, filtered.byteOffset, filtered.byteLength)
  }

  private keepsRecord(scanner: RecordScanner, header: BatchHeader, isExpired: boolean): boolean {
    const offset = header.baseOffset + scanner.offsetDelta
    if (offset > this.map.latestOffset) return true
    if (scanner.keyLength < 0) return false
    if (!this.map.isLast(scanner.bytes, scanner.keyAt, scanner.keyLength, offset)) return false
    return scanner.valueLength >= 0 || !isExpired
  }
}

/** Readers must go on hearing of aborted transactions whose markers are kept. */
function copyAborted(cleaned: Segment, group: readonly Segment[], keptMarkers: ReadonlySet<number>): void {
  for (const { transactionIndex } of group) {
    for (const entry of transactionIndex.entriesFrom(0)) {
      if (keptMarkers.has(entry.lastOffset)) cleaned.transactionIndex.append(entry)
    }
  }
}

const always = () => true
const never = () => false

/** Says which batch it was that could not be opened. */
function visitBatch(
  segment: Segment,
  bytes: Buffer,
  at: number,
  visit: (bytes: Buffer, at: number) => boolean,
): boolean {
  try {
    return visit(bytes, at)
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error
    throw new CorruptLogError(
      segment,
      `the batch at offset ${baseOffsetAt(bytes, at)} cannot be opened: ${error.message}`,
    )
  }
}
