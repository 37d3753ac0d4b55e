import { assert, type Clock } from '@odradek/core'
import type { BatchHeader } from '@odradek/records'
import { CheckedRange } from './checked-range.ts'
import {
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './file-names.ts'
import { LazyFile, type OpenFiles } from './fs/open-files.ts'
import type { LogConfig } from './log-config.ts'
import type { LogEnvironment } from './log-environment.ts'
import type { SegmentFacts } from './log-facts.ts'
import { OffsetIndex } from './offset-index.ts'
import { ShortWriteError } from './storage-error.ts'
import { TimeIndex } from './time-index.ts'
import { TimestampFacts } from './timestamp-facts.ts'
import { TransactionIndex } from './transaction-index.ts'

/** Offsets are relative to the segment's base in 32 bits. */
const RELATIVE_OFFSET_MAX = 2_147_483_647

/** A write that could be neither finished nor undone: what the file holds is not known any more. */
export class HalfWrittenError extends Error {
  override readonly name = 'HalfWrittenError'
}

/** What the segment learns about each batch, in order, once it is written. */
export interface BatchFacts {
  readonly lastOffset: number
  readonly maxTimestamp: bigint
  readonly sizeBytes: number
  readonly isMaxTimestampTrusted: boolean
}

/** What the files of a segment's indexes hold. */
export interface KnownIndexes {
  readonly offsetIndex: Buffer
  readonly timeIndex: Buffer
}

/** A record must leave the active segment before it can be compacted. (KIP-354) */
function segmentMsMax(config: LogConfig): number {
  const { cleanupCompact, maxCompactionLagMs, segmentMs } = config
  return cleanupCompact && maxCompactionLagMs > 0 ? Math.min(maxCompactionLagMs, segmentMs) : segmentMs
}

export function newSegment(
  environment: Pick<LogEnvironment, 'clock' | 'files' | 'prng'>,
  directory: string,
  baseOffset: number,
  logPosition: number,
  config: LogConfig,
): Segment {
  const jitterMax = Math.min(config.segmentJitterMs, config.segmentMs, 4_294_967_296)
  return new Segment({
    files: environment.files,
    directory,
    baseOffset,
    createdMs: environment.clock.wallMs(),
    jitterMs: jitterMax > 0 ? environment.prng.below(jitterMax) : 0,
    logPosition,
  })
}

/** A run of batches in one `.log` file, with its three indexes. Knows only what has been written. */
export class Segment {
  directory: string
  readonly baseOffset: number
  log: LazyFile
  readonly offsetIndex: OffsetIndex
  readonly timeIndex: TimeIndex
  readonly transactionIndex: TransactionIndex
  readonly timestamps = new TimestampFacts()
  readonly createdMs: number
  /** Drawn per segment, so that the segments of many partitions do not roll at once. */
  readonly jitterMs: number
  /** Where it stands in all that the log has held since it was opened; tells how long ago a byte was written. */
  readonly logPosition: number
  endOffset: number
  sizeBytes = 0
  /** Below this position bytes were there before this process and may have to come from the device. */
  coldBytes = 0
  /** Of those, what a read has found right a moment ago. */
  checked = new CheckedRange()
  /** Written and not yet flushed. */
  isDirty = false
  maxTimestamp = -1n
  /** Last offset of the first batch that claims it. */
  maxTimestampLastOffset: number
  /** Of the first batch, by which the segment's age is told. */
  firstTimestamp: bigint | null = null
  /** When the records were written that compaction brought here; null when the file tells. */
  writtenMs: number | null = null
  private bytesSinceIndexEntry = 0
  /** Where the last read ended: most reads go on from there. */
  private hintOffset = -1
  private hintPosition = -1

  constructor(options: {
    files: OpenFiles
    directory: string
    baseOffset: number
    createdMs: number
    jitterMs: number
    logPosition: number
  }) {
    const { files, directory, baseOffset } = options
    const path = (suffix: string) => `${directory}/${offsetFileName(baseOffset, suffix)}`
    this.directory = directory
    this.baseOffset = baseOffset
    this.endOffset = baseOffset
    this.maxTimestampLastOffset = baseOffset
    this.createdMs = options.createdMs
    this.jitterMs = options.jitterMs
    this.logPosition = options.logPosition
    this.log = new LazyFile(path(LOG_SUFFIX), 'append')
    this.offsetIndex = new OffsetIndex(files, path(OFFSET_INDEX_SUFFIX), baseOffset)
    this.timeIndex = new TimeIndex(files, path(TIME_INDEX_SUFFIX), baseOffset)
    this.transactionIndex = new TransactionIndex(files, path(TRANSACTION_INDEX_SUFFIX))
  }

  /**
   * Writes whole batches at the end; all of them or, as far as anyone can see, none.
   * @throws what the file system throws, ShortWriteError on a full disk, HalfWrittenError when the rest could not be cut off.
   */
  write(files: OpenFiles, buffers: readonly Uint8Array[], totalBytes: number): void {
    const handle = files.use(this.log)
    let written = 0
    try {
      written = handle.writeSync(buffers, this.sizeBytes)
      if (written !== totalBytes) throw new ShortWriteError(this.log.path, written, totalBytes)
    } catch (error) {
      try {
        handle.truncateSync(this.sizeBytes)
      } catch {
        throw new HalfWrittenError(`${this.log.path} ends in half a batch that cannot be cut off`)
      }
      throw error
    }
    this.isDirty = true
  }

  /** Takes a batch that now stands at the end of the file into indexes and sums, by Kafka's rules. */
  note(batch: BatchFacts, indexIntervalBytes: number): void {
    const { lastOffset, maxTimestamp, sizeBytes } = batch
    assert(lastOffset >= this.endOffset, 'batches come in order of offsets')
    if (maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = maxTimestamp
      this.maxTimestampLastOffset = lastOffset
    }
    this.firstTimestamp ??= maxTimestamp
    if (this.bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(lastOffset, this.sizeBytes)
      this.timeIndex.maybeAppend(this.maxTimestamp, this.maxTimestampLastOffset)
      this.bytesSinceIndexEntry = 0
    }
    this.timestamps.note(this.sizeBytes, sizeBytes, batch.isMaxTimestampTrusted)
    this.bytesSinceIndexEntry += sizeBytes
    this.sizeBytes += sizeBytes
    this.endOffset = lastOffset + 1
  }

  /** Whether a batch that comes after `pendingBytes` not yet written must begin a new segment. */
  mustRollFor(
    header: BatchHeader,
    lastOffset: number,
    pendingBytes: number,
    config: LogConfig,
    clock: Pick<Clock, 'wallMs'>,
  ): boolean {
    const sizeBytes = this.sizeBytes + pendingBytes
    if (sizeBytes === 0) return false
    return (
      sizeBytes + header.sizeBytes > config.segmentBytes ||
      this.ageMs(header.maxTimestamp, clock) > segmentMsMax(config) - this.jitterMs ||
      this.offsetIndex.isFull(config.segmentIndexBytes) ||
      this.timeIndex.isFull(config.segmentIndexBytes) ||
      lastOffset - this.baseOffset > RELATIVE_OFFSET_MAX
    )
  }

  /** By the timestamps of the messages, as Kafka does, so that a mirror rolls where the original did; else by the clock. */
  private ageMs(maxTimestamp: bigint, clock: Pick<Clock, 'wallMs'>): number {
    if (this.firstTimestamp !== null && this.firstTimestamp >= 0n) return Number(maxTimestamp - this.firstTimestamp)
    return clock.wallMs() - this.createdMs
  }

  /** The index files as Kafka leaves them when it stops: the last entry tells the segment's largest timestamp. */
  saveAll(): void {
    this.timeIndex.maybeAppend(this.maxTimestamp, this.maxTimestampLastOffset)
    this.offsetIndex.entries.save()
    this.timeIndex.entries.save()
    this.transactionIndex.save()
  }

  /** No batch will follow: the indexes go to their files. */
  seal(): void {
    this.timeIndex.maybeAppend(this.maxTimestamp, this.maxTimestampLastOffset)
    this.offsetIndex.entries.seal()
    this.timeIndex.entries.seal()
    this.transactionIndex.save()
  }

  /** What a start needs to know of it; null while its index files are not up to date. */
  facts(): SegmentFacts | null {
    const { offsetIndex, timeIndex, timestamps, transactionIndex } = this
    const offsetChecksum = offsetIndex.entries.checksum
    const timeChecksum = timeIndex.entries.checksum
    const abortedChecksum = transactionIndex.checksum()
    if (offsetChecksum === null || timeChecksum === null || abortedChecksum === null) return null
    return {
      baseOffset: this.baseOffset,
      sizeBytes: this.sizeBytes,
      endOffset: this.endOffset,
      maxTimestamp: this.maxTimestamp,
      maxTimestampLastOffset: this.maxTimestampLastOffset,
      firstTimestamp: this.firstTimestamp,
      verifiedBytes: timestamps.corrections.size === 0 ? timestamps.verifiedBytes : 0,
      bytesSinceIndexEntry: this.bytesSinceIndexEntry,
      writtenMs: this.writtenMs,
      offsetEntries: offsetIndex.entries.count,
      offsetChecksum,
      timeEntries: timeIndex.entries.count,
      timeChecksum,
      abortedEntries: transactionIndex.count,
      abortedChecksum,
    }
  }

  /**
   * Takes over what an earlier process knew, instead of reading the log. False when its files do not fit to it. `known` has
   * the indexes of the active segment, where they need not be read.
   */
  adopt(facts: SegmentFacts, isActive: boolean, known: KnownIndexes | null = null): boolean {
    const { offsetChecksum, offsetEntries, timeChecksum, timeEntries } = facts
    const [offsetIndex, timeIndex] = [known?.offsetIndex ?? null, known?.timeIndex ?? null]
    if (!this.offsetIndex.entries.adopt(offsetEntries, offsetChecksum, isActive, offsetIndex)) return false
    if (!this.timeIndex.adopt(timeEntries, timeChecksum, isActive, timeIndex)) return false
    if (!this.transactionIndex.adopt(facts.abortedEntries, facts.abortedChecksum)) return false
    this.sizeBytes = facts.sizeBytes
    this.coldBytes = facts.sizeBytes
    this.endOffset = facts.endOffset
    this.maxTimestamp = facts.maxTimestamp
    this.maxTimestampLastOffset = facts.maxTimestampLastOffset
    this.firstTimestamp = facts.firstTimestamp
    this.timestamps.verifiedBytes = facts.verifiedBytes
    this.bytesSinceIndexEntry = facts.bytesSinceIndexEntry
    this.writtenMs = facts.writtenMs
    return true
  }

  /** Empties indexes and sums, to be filled again from the log; but what was aborted the log alone does not tell. */
  forget(): void {
    this.offsetIndex.entries.reset()
    this.timeIndex.reset()
    this.timestamps.reset()
    this.endOffset = this.baseOffset
    this.sizeBytes = 0
    this.maxTimestamp = -1n
    this.maxTimestampLastOffset = this.baseOffset
    this.firstTimestamp = null
    this.bytesSinceIndexEntry = 0
  }

  setHint(offset: number, position: number): void {
    this.hintOffset = offset
    this.hintPosition = position
  }

  /** Position of the batch that begins with `offset`, when the last read ended there; else -1. */
  hintFor(offset: number): number {
    return offset === this.hintOffset ? this.hintPosition : -1
  }

  /** Its files, byte for byte the same, are in `directory` from now on. Whoever is reading the old ones may finish. */
  moveTo(files: OpenFiles, directory: string): void {
    const path = (suffix: string) => `${directory}/${offsetFileName(this.baseOffset, suffix)}`
    this.close(files)
    this.directory = directory
    this.log = new LazyFile(path(LOG_SUFFIX), 'append')
    // The copy was not.
    this.checked = new CheckedRange()
    this.offsetIndex.entries.moveTo(path(OFFSET_INDEX_SUFFIX))
    this.timeIndex.entries.moveTo(path(TIME_INDEX_SUFFIX))
  }

  close(files: OpenFiles): void {
    files.close(this.log)
    this.offsetIndex.entries.close()
    this.timeIndex.entries.close()
    files.close(this.transactionIndex.file)
  }
}
