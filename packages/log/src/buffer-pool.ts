import type { Clock } from '@odradek/core'
import { LargeBuffers } from './large-buffers.ts'

const SMALLEST_CLASS_BITS = 12
/** Larger buffers, where they are not made for one use, come from memory for the large ones. */
const LARGEST_CLASS_BITS = 24
/** Free memory kept, all sizes together. */
const FREE_BYTES_MAX = 32 * 1024 * 1024
/** Buffers of this size come from there too while many are out. */
const MIDDLE_CLASS_BITS = 20
/** So much of middle size is made one by one: what is usual. */
export const MIDDLE_BYTES_MAX = 32 * 1024 * 1024

/**
 * Buffers in power-of-two sizes outside the V8 heap, used again and again: a read into a fresh buffer costs two to three
 * times one into pages that are already there.
 */
export class BufferPool {
  private readonly free: Buffer[][] = []
  private freeBytes = 0
  /** Of those from the middle size on that were made one by one. */
  private outBytes = 0
  private readonly large: LargeBuffers | null

  /** Without a clock, what is large is made for one use. */
  constructor(clock: Pick<Clock, 'after'> | null = null) {
    for (let bits = SMALLEST_CLASS_BITS; bits <= LARGEST_CLASS_BITS; bits++) this.free.push([])
    this.large = clock === null ? null : new LargeBuffers(clock)
  }

  /** At least `sizeBytes` bytes with unknown content. */
  take(sizeBytes: number): Buffer {
    const bits = classBits(sizeBytes)
    if (bits > LARGEST_CLASS_BITS) return this.large?.take(sizeBytes) ?? Buffer.allocUnsafeSlow(sizeBytes)
    const ready = this.free[bits - SMALLEST_CLASS_BITS]?.pop()
    if (ready === undefined) return bits < MIDDLE_CLASS_BITS ? Buffer.allocUnsafeSlow(2 ** bits) : this.takeMiddle(bits)
    this.freeBytes -= ready.byteLength
    if (bits >= MIDDLE_CLASS_BITS) this.outBytes += ready.byteLength
    return ready
  }

  /** Whether one for so much is at hand, or is made in no time: the pages of a new one cost more than what is read into them. */
  isReady(sizeBytes: number): boolean {
    const bits = classBits(sizeBytes)
    return bits < MIDDLE_CLASS_BITS || (this.free[bits - SMALLEST_CLASS_BITS]?.length ?? 0) > 0
  }

  /** Gives a buffer from `take` back, once. */
  give(buffer: Buffer): void {
    const bits = classBits(buffer.byteLength)
    if (bits >= MIDDLE_CLASS_BITS) {
      if (this.large?.give(buffer) === true) return
      if (bits <= LARGEST_CLASS_BITS) this.outBytes -= buffer.byteLength
    }
    const free = this.free[bits - SMALLEST_CLASS_BITS]
    if (free === undefined || this.freeBytes + buffer.byteLength > FREE_BYTES_MAX) return
    this.freeBytes += buffer.byteLength
    free.push(buffer)
  }

  private takeMiddle(bits: number): Buffer {
    const sizeBytes = 2 ** bits
    const shared = this.outBytes + sizeBytes > MIDDLE_BYTES_MAX ? (this.large?.take(sizeBytes) ?? null) : null
    if (shared !== null) return shared
    this.outBytes += sizeBytes
    return Buffer.allocUnsafeSlow(sizeBytes)
  }
}

function classBits(sizeBytes: number): number {
  return Math.max(SMALLEST_CLASS_BITS, sizeBytes <= 1 ? 0 : 32 - Math.clz32(sizeBytes - 1))
}
