import { BATCH_HEADER_BYTES } from '@odradek/records'
import { baseOffsetAt, isHeaderAt, lastOffsetAt, sizeAt } from './batch-bytes.ts'
import { type BatchOrder, epochFault, offsetFault } from './batch-order.ts'
import type { RangeReader } from './range-reader.ts'

/** Never less in one go: the header alone would cost a second read. */
const READ_BYTES_MIN = 4096
/** Never more in one go, whatever a client asks for, unless one batch is larger. */
const READ_BYTES_MAX = 64 * 1024 * 1024

/** A place that is no batch, or not the one that an index promised. */
export class BadBatchError extends Error {
  override readonly name = 'BadBatchError'
  readonly position: number

  constructor(position: number, what: string) {
    super(`${what} at position ${position}`)
    this.position = position
  }
}

/** What is to be read, wherever it is. */
export interface ReadRange {
  readonly offset: number
  /** First offset that must not be returned. */
  readonly endOffset: number
  readonly bytesMax: number
  readonly atLeastOneBatch: boolean
}

/** Where a read begins in a segment. */
export interface ReadPlace {
  /** Where the batch of `offset`, or one before it, begins. */
  readonly position: number
  /** Last offset of the batch at `position`, as an index promised it; -1 when it is known to be right. */
  readonly promisedLastOffset: number
  /** Offset after the batch before `position`; -1 when only an index tells. */
  readonly expectedOffset: number
  /** Bytes between `position` and the batch of `offset`, as a guess. */
  readonly slackBytes: number
}

/** A segment as far as it has been written. */
interface WrittenSegment {
  /** Offset after the last batch. */
  readonly endOffset: number
  readonly sizeBytes: number
}

/** Finds the batch that holds an offset and takes whole batches from there, within limits; all in one range as a rule. */
export class SegmentRead implements RangeReader {
  position: number
  length: number
  /** Where the result stands within the last range, empty when nothing fits. */
  startAt = 0
  endAt = 0
  /** Offset after the last batch of the result. */
  nextOffset = -1
  private readonly range: ReadRange
  private readonly order: BatchOrder
  private readonly segmentEndOffset: number
  private readonly segmentBytes: number
  private promisedLastOffset: number
  private expectedOffset: number

  constructor(range: ReadRange, segment: WrittenSegment, order: BatchOrder, place: ReadPlace) {
    this.range = range
    this.order = order
    this.segmentEndOffset = segment.endOffset
    this.segmentBytes = segment.sizeBytes
    this.position = place.position
    this.promisedLastOffset = place.promisedLastOffset
    this.expectedOffset = place.expectedOffset
    this.length = this.upTo(range.bytesMax + place.slackBytes, 0)
  }

  accept(bytes: Buffer): boolean {
    const { offset, endOffset } = this.range
    let at = 0
    for (;;) {
      if (this.position + at >= this.segmentBytes) return true
      if (at + BATCH_HEADER_BYTES > this.length) return this.want(at, BATCH_HEADER_BYTES)
      this.checkHeader(bytes, at)
      if (baseOffsetAt(bytes, at) >= endOffset) return true
      if (lastOffsetAt(bytes, at) >= offset) return this.take(bytes, at)
      at += sizeAt(bytes, at)
    }
  }

  private take(bytes: Buffer, startAt: number): boolean {
    const { bytesMax, atLeastOneBatch, endOffset } = this.range
    const firstBytes = sizeAt(bytes, startAt)
    if (firstBytes > bytesMax && !atLeastOneBatch) return true
    if (startAt + firstBytes > this.length) {
      // The same batch again, in a range that has all of it.
      this.expectedOffset = baseOffsetAt(bytes, startAt)
      return this.want(startAt, firstBytes)
    }
    let at = startAt
    do {
      this.nextOffset = lastOffsetAt(bytes, at) + 1
      at += sizeAt(bytes, at)
      if (at + BATCH_HEADER_BYTES > this.length) break
      this.checkHeader(bytes, at)
    } while (
      baseOffsetAt(bytes, at) < endOffset &&
      at + sizeAt(bytes, at) <= this.length &&
      at + sizeAt(bytes, at) - startAt <= bytesMax
    )
    this.startAt = startAt
    this.endAt = at
    return true
  }

  private checkHeader(bytes: Buffer, at: number): void {
    if (!isHeaderAt(bytes, at)) throw new BadBatchError(this.position + at, 'no batch header')
    const lastOffset = lastOffsetAt(bytes, at)
    if (this.promisedLastOffset >= 0 && lastOffset !== this.promisedLastOffset) {
      throw new BadBatchError(this.position + at, `not the batch that ends with offset ${this.promisedLastOffset}`)
    }
    this.promisedLastOffset = -1
    this.checkOrder(bytes, at, lastOffset)
    this.expectedOffset = lastOffset + 1
  }

  /** Neither base offset nor leader epoch is covered by the checksum. */
  private checkOrder(bytes: Buffer, at: number, lastOffset: number): void {
    const { order, segmentEndOffset } = this
    const isKnown = this.expectedOffset >= 0
    const isBeyond = lastOffset >= segmentEndOffset
    const fault =
      (isBeyond ? `offset ${lastOffset} in a segment that ends with ${segmentEndOffset - 1}` : null) ??
      (isKnown ? offsetFault(bytes, at, this.expectedOffset, order.denseFrom) : null) ??
      epochFault(bytes, at, order)
    if (fault !== null) throw new BadBatchError(this.position + at, fault)
  }

  private want(at: number, neededBytes: number): false {
    this.position += at
    this.length = this.upTo(this.range.bytesMax, neededBytes)
    if (this.length < neededBytes) throw new BadBatchError(this.position, `${this.length} bytes, too few for a batch,`)
    return false
  }

  private upTo(wantedBytes: number, neededBytes: number): number {
    const lengthBytes = Math.max(neededBytes, READ_BYTES_MIN, Math.min(wantedBytes, READ_BYTES_MAX))
    return Math.min(lengthBytes, this.segmentBytes - this.position)
  }
}
