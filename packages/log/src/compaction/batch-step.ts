import { BATCH_HEADER_BYTES } from '@odradek/records'
import { baseOffsetAt, isHeaderAt, isIntactAt, lastOffsetAt, sizeAt } from '../batch-bytes.ts'
import { type BatchOrder, epochFault, offsetFault } from '../batch-order.ts'
import { CorruptLogError } from '../log-reader.ts'
import type { RangeReader } from '../range-reader.ts'
import type { Segment } from '../segment.ts'

/** The whole batches of one piece of a segment, from `position` on; at least one, however large. */
export class BatchStep implements RangeReader {
  position: number
  length: number
  /** Offset after the batch before `position`. */
  nextOffset: number
  private readonly order: BatchOrder
  private readonly segment: Segment
  private readonly sizeBytes: number
  private readonly visit: (bytes: Buffer, at: number, sizeBytes: number) => boolean
  private readonly done: () => void

  /** `visit` is shown each batch and may end the step after it; then `done` is called while the bytes are still there. */
  constructor(
    segment: Segment,
    place: { readonly position: number; readonly nextOffset: number },
    order: BatchOrder,
    lengthMax: number,
    visit: (bytes: Buffer, at: number, sizeBytes: number) => boolean,
    done: () => void,
  ) {
    this.segment = segment
    const { position, nextOffset } = place
    this.position = position
    this.nextOffset = nextOffset
    this.order = order
    this.sizeBytes = segment.sizeBytes
    this.visit = visit
    this.done = done
    this.length = Math.min(lengthMax, segment.sizeBytes - position)
  }

  accept(bytes: Buffer): boolean {
    let at = 0
    let isLast = false
    while (!isLast && at + BATCH_HEADER_BYTES <= this.length) {
      if (!isHeaderAt(bytes, at)) throw this.corrupt(at, 'no batch header')
      const sizeBytes = sizeAt(bytes, at)
      if (at + sizeBytes > this.length) break
      if (!isIntactAt(bytes, at)) throw this.corrupt(at, `the checksum of offset ${baseOffsetAt(bytes, at)} is wrong`)
      const fault = offsetFault(bytes, at, this.nextOffset, this.order.denseFrom) ?? epochFault(bytes, at, this.order)
      if (fault !== null) throw this.corrupt(at, fault)
      this.nextOffset = lastOffsetAt(bytes, at) + 1
      isLast = this.visit(bytes, at, sizeBytes)
      at += sizeBytes
    }
    if (at === 0) return this.wantMore(bytes)
    this.done()
    this.position += at
    return true
  }

  private wantMore(bytes: Buffer): false {
    const leftBytes = this.sizeBytes - this.position
    if (leftBytes < BATCH_HEADER_BYTES || sizeAt(bytes, 0) > leftBytes) throw this.corrupt(0, 'half a batch')
    this.length = sizeAt(bytes, 0)
    return false
  }

  private corrupt(at: number, what: string): CorruptLogError {
    return new CorruptLogError(this.segment, `${what} at position ${this.position + at}`)
  }
}
