import { type Later, present } from '@odradek/core'
import {
  baseOffsetAt,
  isIntactAt,
  isMaxTimestampTrustedAt,
  lastOffsetAt,
  maxTimestampAt,
  sizeAt,
} from './batch-bytes.ts'
import type { BatchOrder } from './batch-order.ts'
import { CacheGuess, GUESSED_READ_BYTES_MAX } from './cache-guess.ts'
import type { CheckedRange } from './checked-range.ts'
import { WrongIndexError } from './index-file.ts'
import type { LogEnvironment } from './log-environment.ts'
import { readRanges, readRangesSync } from './range-reader.ts'
import { repairHint } from './repair-hint.ts'
import type { Segment } from './segment.ts'
import type { SegmentList } from './segment-list.ts'
import { BadBatchError, type ReadPlace, type ReadRange, SegmentRead } from './segment-read.ts'
import { SegmentScan } from './segment-scan.ts'

/** What was written last is in the page cache, so that reading a little of it does not hold up the event loop. */
const HOT_BYTES = 64 * 1024 * 1024

/** Checksums of so much, and of the batch that crosses it, are computed in one turn of the event loop where more was read. */
export const CHECKED_BYTES_PER_TURN = 1024 * 1024

/** Whole batches, from `startAt` to `endAt` of a pooled buffer that the receiver gives back. */
export interface BatchesRead {
  readonly buffer: Buffer
  readonly startAt: number
  readonly endAt: number
  /** Offset after the last batch. */
  readonly nextOffset: number
  /** Of the buffer, what was read into it. */
  readonly readBytes: number
}

/** Bytes that are not what was written. */
export class CorruptLogError extends Error {
  override readonly name = 'CorruptLogError'

  constructor(segment: Segment, what: string) {
    super(`${segment.log.path}: ${what}; ${repairHint(segment.directory)}`)
  }
}

/** Reads batches out of a log's segments. */
export class LogReader {
  private readonly environment: LogEnvironment
  private readonly segments: SegmentList
  private readonly order: BatchOrder
  private rebuilt = new WeakSet<Segment>()
  private indexIntervalBytes: number
  private readonly cacheGuess = new CacheGuess()

  constructor(
    environment: LogEnvironment,
    log: BatchOrder & { readonly segments: SegmentList },
    indexIntervalBytes: number,
  ) {
    this.environment = environment
    this.segments = log.segments
    this.order = log
    this.indexIntervalBytes = indexIntervalBytes
  }

  configure(indexIntervalBytes: number): void {
    this.indexIntervalBytes = indexIntervalBytes
  }

  /** The index files are others from now on. */
  forgetRepairs(): void {
    this.rebuilt = new WeakSet()
  }

  /**
   * Batches from the one that holds `offset`, or the next one where compaction took it. Null when nothing fits.
   * @throws CorruptLogError, MissingBytesError, or what the file system throws; as a rejection where it is late.
   */
  read(range: ReadRange): Later<BatchesRead | null> {
    let index = this.segments.floorIndex(range.offset)
    let segment = present(this.segments.all[index], 'a segment for every offset')
    // Compaction may have emptied the end of a segment, or all of it: what follows is in a later one.
    const { all } = this.segments
    while ((range.offset >= segment.endOffset || segment.sizeBytes === 0) && index + 1 < all.length) {
      segment = present(all[++index], 'a next segment')
    }
    if (segment.sizeBytes === 0 || range.offset >= segment.endOffset) return null
    return this.readFrom(segment, range)
  }

  /** What `look` finds in the segment's indexes, made anew where they are not what was written. */
  inIndexes<Found>(segment: Segment, look: () => Found): Found {
    try {
      return look()
    } catch (error) {
      this.repair(segment, error, '')
      return look()
    }
  }

  private readFrom(segment: Segment, range: ReadRange): Later<BatchesRead | null> {
    try {
      const read = this.locate(segment, range)
      const isHot = this.isHot(segment, read.position)
      // Copying 50 MB holds up others for 20 ms, wherever they come from, and 1 MB to new memory for longer than it should.
      const isQuick = read.length <= GUESSED_READ_BYTES_MAX && this.environment.pool.isReady(read.length)
      if (isHot && !isQuick) return this.readHotLate(segment, range, read)
      if (isHot) return this.finish(segment, read, this.readSync(segment, read))
      if (isQuick && this.cacheGuess.allows(read.length)) return this.readGuessed(segment, read)
      return this.readCold(segment, range, read)
    } catch (error) {
      return this.retry(segment, range, error)
    }
  }

  private retry(segment: Segment, range: ReadRange, error: unknown): Later<BatchesRead | null> {
    const { all, first } = this.segments
    if (!all.includes(segment)) {
      // Deleted under the reader, or replaced by what compaction left of it.
      if (range.offset < first.baseOffset) throw error
      return this.read(range)
    }
    this.repair(segment, error, `, looking for offset ${range.offset}`)
    return this.readFrom(segment, range)
  }

  private readSync(segment: Segment, read: SegmentRead): Buffer {
    const { files, pool } = this.environment
    return readRangesSync(read, segment.log, files, pool)
  }

  /** Not written a moment ago, but likely to be in memory all the same. */
  private readGuessed(segment: Segment, read: SegmentRead): BatchesRead | null {
    const { clock } = this.environment
    const startMs = clock.monotonicMs()
    const buffer = this.readSync(segment, read)
    this.cacheGuess.note(read.length, clock.monotonicMs() - startMs)
    return this.finishChecked(segment, read, buffer)
  }

  private async readHotLate(segment: Segment, range: ReadRange, read: SegmentRead): Promise<BatchesRead | null> {
    const { files, pool } = this.environment
    try {
      return this.finish(segment, read, await readRanges(read, segment.log, files, pool))
    } catch (error) {
      return this.retry(segment, range, error)
    }
  }

  private async readCold(segment: Segment, range: ReadRange, read: SegmentRead): Promise<BatchesRead | null> {
    const { clock, files, pool } = this.environment
    // Of the file that is read, which may be another one's by the time its bytes are there.
    const { checked } = segment
    try {
      const startMs = clock.monotonicMs()
      const buffer = await readRanges(read, segment.log, files, pool)
      this.cacheGuess.note(read.length, clock.monotonicMs() - startMs)
      const found = this.finish(segment, read, buffer)
      if (found !== null) await this.checkInTurns(segment, read.position, found, checked)
      return found
    } catch (error) {
      return this.retry(segment, range, error)
    }
  }

  private locate(segment: Segment, range: ReadRange): SegmentRead {
    const at = (place: ReadPlace) => new SegmentRead(range, segment, this.order, place)
    const [promisedLastOffset, expectedOffset, slackBytes] = [-1, segment.baseOffset, 0]
    if (range.offset === segment.baseOffset) return at({ position: 0, promisedLastOffset, expectedOffset, slackBytes })
    const hinted = segment.hintFor(range.offset)
    if (hinted >= 0) return at({ position: hinted, promisedLastOffset, expectedOffset: range.offset, slackBytes })
    return at(this.placeInIndex(segment, range.offset))
  }

  private placeInIndex(segment: Segment, offset: number): ReadPlace {
    const slackBytes = this.indexIntervalBytes
    const entry = segment.offsetIndex.floor(offset)
    if (entry < 0) return { position: 0, promisedLastOffset: -1, expectedOffset: segment.baseOffset, slackBytes }
    const position = segment.offsetIndex.position(entry)
    const promisedLastOffset = segment.offsetIndex.lastOffset(entry)
    if (position < 0 || position >= segment.sizeBytes) throw new BadBatchError(position, 'an index entry for no batch')
    return { position, promisedLastOffset, expectedOffset: -1, slackBytes }
  }

  private finish(segment: Segment, read: SegmentRead, buffer: Buffer): BatchesRead | null {
    if (read.endAt === read.startAt) {
      this.environment.pool.give(buffer)
      return null
    }
    segment.setHint(read.nextOffset, read.position + read.endAt)
    const { startAt, endAt, nextOffset, length } = read
    return { buffer, startAt, endAt, nextOffset, readBytes: length }
  }

  private finishChecked(segment: Segment, read: SegmentRead, buffer: Buffer): BatchesRead | null {
    const found = this.finish(segment, read, buffer)
    if (found === null) return null
    const { checked } = segment
    const [startAt, endAt] = [read.position + found.startAt, read.position + found.endAt]
    const nowMs = this.environment.clock.monotonicMs()
    if (checked.covers(startAt, endAt, nowMs)) return found
    this.checkIntact(segment, found, found.startAt, found.endAt)
    checked.add(startAt, endAt, nowMs)
    return found
  }

  private async checkInTurns(
    segment: Segment,
    position: number,
    found: BatchesRead,
    checked: CheckedRange,
  ): Promise<void> {
    const { clock } = this.environment
    const nowMs = clock.monotonicMs()
    const [startAt, endAt] = [position + found.startAt, position + found.endAt]
    if (checked.covers(startAt, endAt, nowMs)) return
    for (let at = found.startAt; ; ) {
      at = this.checkIntact(segment, found, at, Math.min(found.endAt, at + CHECKED_BYTES_PER_TURN))
      if (at === found.endAt) break
      await new Promise<void>((resolve) => clock.soon(resolve))
    }
    checked.add(startAt, endAt, nowMs)
  }

  private isHot(segment: Segment, position: number): boolean {
    const { active } = this.segments
    const writtenSince = active.logPosition + active.sizeBytes - (segment.logPosition + position)
    return position >= segment.coldBytes && writtenSince <= HOT_BYTES
  }

  /** A wrong index is made anew from the batches, once. Anything else, or the same again, is the log's own damage. */
  private repair(segment: Segment, error: unknown, near: string): void {
    if (!(error instanceof BadBatchError || error instanceof WrongIndexError)) throw error
    if (this.rebuilt.has(segment) || segment === this.segments.active) {
      throw new CorruptLogError(segment, `${error.message}${near}`)
    }
    this.rebuilt.add(segment)
    this.environment.logger.warn('rebuilding the indexes of a segment', { file: segment.log.path, why: error.message })
    this.rebuild(segment)
  }

  private rebuild(segment: Segment): void {
    const { sizeBytes, endOffset } = segment
    const { files, pool } = this.environment
    segment.forget()
    const scan = new SegmentScan({
      baseOffset: segment.baseOffset,
      fromPosition: 0,
      sizeBytes,
      checksums: false,
      denseFrom: this.order.denseFrom,
      wantsWhole: () => false,
      visit: (bytes, at) => {
        segment.note(batchFactsAt(bytes, at), this.indexIntervalBytes)
        return false
      },
    })
    pool.give(readRangesSync(scan, segment.log, files, pool))
    if (scan.fault !== null || segment.endOffset !== endOffset) {
      throw new CorruptLogError(segment, `${scan.fault ?? 'other offsets'} at position ${scan.position}`)
    }
    segment.seal()
  }

  /** Bytes from the device are checked before anyone sees them: it may have changed them. Returns where the first batch past `toAt` begins. */
  private checkIntact(segment: Segment, { buffer }: BatchesRead, fromAt: number, toAt: number): number {
    let at = fromAt
    for (; at < toAt; at += sizeAt(buffer, at)) {
      if (isIntactAt(buffer, at)) continue
      this.environment.pool.give(buffer)
      const offsets = `${baseOffsetAt(buffer, at)} to ${lastOffsetAt(buffer, at)}`
      throw new CorruptLogError(segment, `the checksum of offsets ${offsets} is wrong`)
    }
    return at
  }
}

/** What a segment wants to know of the batch at `at`. */
export function batchFactsAt(bytes: Buffer, at: number) {
  return {
    lastOffset: lastOffsetAt(bytes, at),
    maxTimestamp: maxTimestampAt(bytes, at),
    sizeBytes: sizeAt(bytes, at),
    isMaxTimestampTrusted: isMaxTimestampTrustedAt(bytes, at),
  }
}
