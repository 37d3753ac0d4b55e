import { leaderEpoch, NO_TIMESTAMP, type Timestamp, timestamp } from '@odradek/core'
import { type DecompressionLimits, firstRecordAtOrAfter, maxTimestampOf, RecordsError } from '@odradek/records'
import {
  isMaxTimestampTrustedAt,
  lastOffsetAt,
  leaderEpochAt,
  maxTimestampAt,
  recordsCountAt,
  sizeAt,
} from './batch-bytes.ts'
import { type BatchOrder, epochFault } from './batch-order.ts'
import type { LogEnvironment } from './log-environment.ts'
import { CorruptLogError, type LogReader } from './log-reader.ts'
import type { TimestampLookup } from './partition-log.ts'
import { readRanges } from './range-reader.ts'
import type { Segment } from './segment.ts'
import type { SegmentList } from './segment-list.ts'
import { type BatchVisitor, SegmentScan } from './segment-scan.ts'

/** Bytes looked at before other work gets its turn: opening batches may take milliseconds each. */
const TURN_BYTES = 1024 * 1024

interface Largest {
  readonly timestamp: bigint
  readonly lastOffset: number
}

/** Finds records by their timestamps, whatever the headers claim; see TimestampFacts. */
export class TimestampLookups {
  private readonly environment: LogEnvironment
  private readonly segments: SegmentList
  private readonly order: BatchOrder
  private readonly reader: LogReader

  constructor(environment: LogEnvironment, log: BatchOrder & { readonly segments: SegmentList }, reader: LogReader) {
    this.environment = environment
    this.segments = log.segments
    this.order = log
    this.reader = reader
  }

  /** The first record from `startOffset` on with at least `target`. */
  async first(target: Timestamp, startOffset: number, limits: DecompressionLimits): Promise<TimestampLookup | null> {
    for (const segment of [...this.segments.all]) {
      if (segment.endOffset <= startOffset || segment.sizeBytes === 0) continue
      const found = await this.firstIn(segment, target, startOffset, limits)
      if (found !== null) return found
    }
    return null
  }

  /** The first record with the largest timestamp of all. */
  async largest(limits: DecompressionLimits): Promise<TimestampLookup | null> {
    const claimed = await this.largestOf(limits, false)
    if (claimed === null) return null
    const found = await this.open(claimed, limits)
    if (found !== null) return found
    // A batch without records, left by compaction for its producer's sake, still claims what its records had.
    const actual = await this.largestOf(limits, true)
    return actual === null ? null : this.open(actual, limits)
  }

  /** `looksAtAll`: also where the headers are known to be true. */
  private async largestOf(limits: DecompressionLimits, looksAtAll: boolean): Promise<Largest | null> {
    let largest: Largest | null = null
    for (const segment of [...this.segments.all]) {
      if (segment.sizeBytes === 0) continue
      const found = await this.largestIn(segment, limits, looksAtAll)
      if (found !== null && (largest === null || found.timestamp > largest.timestamp)) largest = found
    }
    return largest
  }

  private async firstIn(
    segment: Segment,
    target: Timestamp,
    startOffset: number,
    limits: DecompressionLimits,
  ): Promise<TimestampLookup | null> {
    const { timestamps } = segment
    let found: TimestampLookup | null = null
    const mayHold: BatchVisitor = (bytes, at, position) =>
      position >= timestamps.verifiedBytes
        ? !isMaxTimestampTrustedAt(bytes, at) || maxTimestampAt(bytes, at) >= target
        : (timestamps.corrections.get(position) ?? maxTimestampAt(bytes, at)) >= target
    const look: BatchVisitor = (bytes, at, position) => {
      const isAhead = lastOffsetAt(bytes, at) >= startOffset
      if (!mayHold(bytes, at, position)) timestamps.note(position, sizeAt(bytes, at), true)
      else if (actualMaximum(segment, bytes, at, position, limits) >= target && isAhead) {
        found = firstIn(bytes, at, target, startOffset, limits)
      }
      return found !== null
    }
    // Corrected batches may stand before where the time index leads.
    const from = this.reader.inIndexes(segment, () => this.positionFor(segment, target))
    for (const [position, actual] of timestamps.corrections) {
      if (position >= from || actual < target || found !== null) continue
      await this.scan(
        segment,
        position,
        (bytes, at, where) => look(bytes, at, where) || true,
        () => true,
      )
    }
    if (found === null) await this.scan(segment, Math.min(from, timestamps.verifiedBytes), look, mayHold)
    return found
  }

  /** Position before which no header claims `target`. */
  private positionFor(segment: Segment, target: Timestamp): number {
    if (segment.maxTimestamp < target) return segment.timestamps.verifiedBytes
    const entry = segment.timeIndex.below(target)
    if (entry < 0) return 0
    const floor = segment.offsetIndex.floor(segment.timeIndex.lastOffset(entry))
    const position = floor < 0 ? 0 : segment.offsetIndex.position(floor)
    return position >= 0 && position < segment.sizeBytes ? position : 0
  }

  private async largestIn(segment: Segment, limits: DecompressionLimits, looksAtAll: boolean): Promise<Largest | null> {
    const { timestamps } = segment
    const isVerified = () =>
      !looksAtAll && timestamps.verifiedBytes >= segment.sizeBytes && timestamps.corrections.size === 0
    const claimed = () => ({ timestamp: segment.maxTimestamp, lastOffset: segment.maxTimestampLastOffset })
    if (isVerified()) return claimed()
    let largest: Largest | null = null
    const look: BatchVisitor = (bytes, at, position) => {
      const actual = actualMaximum(segment, bytes, at, position, limits)
      if (recordsCountAt(bytes, at) > 0 && (largest === null || actual > largest.timestamp)) {
        largest = { timestamp: actual, lastOffset: lastOffsetAt(bytes, at) }
      }
      return false
    }
    const wantsWhole: BatchVisitor = (bytes, at, position) =>
      position >= timestamps.verifiedBytes && !isMaxTimestampTrustedAt(bytes, at)
    await this.scan(segment, 0, look, wantsWhole)
    return isVerified() ? claimed() : largest
  }

  private async open(largest: Largest, limits: DecompressionLimits): Promise<TimestampLookup | null> {
    const offset = largest.lastOffset
    const read = await this.reader.read({ offset, endOffset: offset + 1, bytesMax: 0, atLeastOneBatch: true })
    if (read === null) return null
    try {
      const batch = read.buffer.subarray(read.startAt, read.endAt)
      const found = maxTimestampOf(batch, limits)
      return found === null ? null : { ...found, leaderEpoch: leaderEpoch(leaderEpochAt(batch, 0)) }
    } finally {
      this.environment.pool.give(read.buffer)
    }
  }

  /** Walks the batches from `position`, with pauses. An index that led between two batches costs a walk from the start. */
  private async scan(segment: Segment, position: number, look: BatchVisitor, wantsWhole: BatchVisitor): Promise<void> {
    const { clock, files, pool } = this.environment
    const { baseOffset, endOffset, sizeBytes } = segment
    const { order } = this
    let from = position
    let fromOffset = position === 0 ? baseOffset : -1
    let isDone = false
    while (from < sizeBytes) {
      let lookedBytes = 0
      const visit: BatchVisitor = (bytes, at, where) => {
        lookedBytes += sizeAt(bytes, at)
        isDone = look(bytes, at, where)
        return isDone || lookedBytes >= TURN_BYTES
      }
      const scan = new SegmentScan({
        ...{ baseOffset, fromPosition: from, fromOffset, sizeBytes, checksums: false, wantsWhole, visit },
        ...{ denseFrom: order.denseFrom, offsetMax: endOffset },
        epochFault: (bytes, at) => epochFault(bytes, at, order),
      })
      pool.give(await readRanges(scan, segment.log, files, pool))
      if (scan.fault !== null && position === 0) {
        throw new CorruptLogError(segment, `${scan.fault} at position ${scan.position}`)
      }
      if (scan.fault !== null) return this.scan(segment, 0, look, wantsWhole)
      if (isDone) return
      from = scan.position
      fromOffset = scan.endOffset
      if (from < sizeBytes) await new Promise<void>((resolve) => clock.soon(resolve))
    }
  }
}

/** The batch's largest timestamp in truth; what is found out on the way is kept. */
function actualMaximum(
  segment: Segment,
  bytes: Buffer,
  at: number,
  position: number,
  limits: DecompressionLimits,
): bigint {
  const { timestamps } = segment
  const claimed = maxTimestampAt(bytes, at)
  if (position < timestamps.verifiedBytes) return timestamps.corrections.get(position) ?? claimed
  const sizeBytes = sizeAt(bytes, at)
  const actual = isMaxTimestampTrustedAt(bytes, at) ? claimed : maximumIn(bytes.subarray(at, at + sizeBytes), limits)
  timestamps.verify(position, sizeBytes, claimed, actual)
  return actual
}

/** A batch that cannot be opened holds no record that anybody could be shown. */
function maximumIn(batch: Buffer, limits: DecompressionLimits): bigint {
  try {
    return maxTimestampOf(batch, limits)?.timestamp ?? NO_TIMESTAMP
  } catch (error) {
    if (error instanceof RecordsError) return NO_TIMESTAMP
    throw error
  }
}

function firstIn(
  bytes: Buffer,
  at: number,
  target: Timestamp,
  startOffset: number,
  limits: DecompressionLimits,
): TimestampLookup | null {
  const batch = bytes.subarray(at, at + sizeAt(bytes, at))
  try {
    const found = firstRecordAtOrAfter(batch, timestamp(target), limits, startOffset)
    return found === null ? null : { ...found, leaderEpoch: leaderEpoch(leaderEpochAt(bytes, at)) }
  } catch (error) {
    if (error instanceof RecordsError) return null
    throw error
  }
}
