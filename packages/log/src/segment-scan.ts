import { BATCH_HEADER_BYTES } from '@odradek/records'
import { baseOffsetAt, isHeaderAt, isIntactAt, lastOffsetDeltaAt, sizeAt } from './batch-bytes.ts'
import { offsetFault } from './batch-order.ts'
import type { RangeReader } from './range-reader.ts'

const SCAN_BYTES = 256 * 1024
/** Offsets of a segment are 32-bit numbers relative to its base, in both indexes. */
const RELATIVE_OFFSET_MAX = 2_147_483_647

/** Looks at the batch that begins at `at` of `bytes` and at `position` of the segment. True ends the scan after it. */
export type BatchVisitor = (bytes: Buffer, at: number, position: number) => boolean

/** What a scan goes over and what it has found. */
export interface ScanTarget {
  readonly baseOffset: number
  readonly fromPosition: number
  /** Offset after the batch before `fromPosition`; -1 when nobody knows. The segment's base where it is left out. */
  readonly fromOffset?: number
  readonly sizeBytes: number
  /** Reads every byte and checks it. */
  readonly checksums: boolean
  /** See BatchOrder; without it gaps are as good as none. */
  readonly denseFrom?: number
  /** Where the next segment begins. */
  readonly offsetMax?: number
  /** Says what is wrong with the epoch of a batch from `denseFrom` on. */
  readonly epochFault?: (bytes: Buffer, at: number) => string | null
  /** Whether the visitor needs more of this batch than its header; what it does not need is skipped, not read. */
  readonly wantsWhole: BatchVisitor
  readonly visit: BatchVisitor
}

/** Walks the batches of a segment in order, up to its end or the first that cannot be one. */
export class SegmentScan implements RangeReader {
  position: number
  length: number
  /** Offset after the last good batch. */
  endOffset: number
  /** Why the batch at `position` is none; null when all are good. */
  fault: string | null = null
  /** Where the batch at `position` says that it begins, when that is before the end of the one before it. */
  faultyOffset: number | null = null
  private readonly target: ScanTarget
  /** Whether what is before the next batch is known. */
  private isFirstKnown: boolean

  constructor(target: ScanTarget) {
    this.target = target
    this.position = target.fromPosition
    const { fromOffset = target.baseOffset } = target
    this.isFirstKnown = fromOffset >= 0
    this.endOffset = Math.max(fromOffset, target.baseOffset)
    this.length = Math.min(SCAN_BYTES, target.sizeBytes - this.position)
  }

  get hasChecksums(): boolean {
    return this.target.checksums
  }

  accept(bytes: Buffer): boolean {
    const from = this.position
    const count = this.length
    const { baseOffset: baseOfSegment, checksums, offsetMax, wantsWhole, visit } = this.target
    for (;;) {
      const at = this.position - from
      const left = this.target.sizeBytes - this.position
      if (left === 0) return true
      if (left < BATCH_HEADER_BYTES) return this.stop(`${left} bytes where a batch header needs ${BATCH_HEADER_BYTES}`)
      if (at + BATCH_HEADER_BYTES > count) return this.want(Math.min(SCAN_BYTES, left))
      const sizeBytes = sizeAt(bytes, at)
      const baseOffset = baseOffsetAt(bytes, at)
      const lastOffset = baseOffset + lastOffsetDeltaAt(bytes, at)
      if (!isHeaderAt(bytes, at)) return this.stop('no batch header')
      if (sizeBytes > left) return this.stop(`a batch of ${sizeBytes} bytes where ${left} are left`)
      const fault = this.orderFault(bytes, at)
      if (fault !== null) {
        if (baseOffset < this.endOffset) this.faultyOffset = baseOffset
        return this.stop(fault)
      }
      if (lastOffset - baseOfSegment > RELATIVE_OFFSET_MAX) return this.stop('an offset too far from the base')
      if (lastOffset >= (offsetMax ?? Number.POSITIVE_INFINITY))
        return this.stop(`offset ${lastOffset} before ${offsetMax}`)
      if (at + sizeBytes > count && (checksums || wantsWhole(bytes, at, this.position))) {
        return this.want(Math.min(left, Math.max(SCAN_BYTES, sizeBytes)))
      }
      if (checksums && !isIntactAt(bytes, at)) return this.stop('a checksum that is not its batch’s')
      const isLast = visit(bytes, at, this.position)
      this.endOffset = lastOffset + 1
      this.isFirstKnown = true
      this.position += sizeBytes
      if (isLast) return true
    }
  }

  private orderFault(bytes: Buffer, at: number): string | null {
    const { denseFrom = Number.POSITIVE_INFINITY, epochFault } = this.target
    const { endOffset } = this
    const fault = offsetFault(bytes, at, endOffset, this.isFirstKnown ? denseFrom : Number.POSITIVE_INFINITY)
    return fault ?? (endOffset >= denseFrom ? (epochFault?.(bytes, at) ?? null) : null)
  }

  private want(length: number): false {
    this.length = length
    return false
  }

  private stop(fault: string): true {
    this.fault = fault
    return true
  }
}
