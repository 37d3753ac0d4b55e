const SMALLEST_CLASS_BITS = 12
/** Larger buffers are made for one use: keeping them would hold the memory of the rarest request. */
const LARGEST_CLASS_BITS = 24
/** Free memory kept, all sizes together. */
const FREE_BYTES_MAX = 32 * 1024 * 1024

/**
 * Buffers in power-of-two sizes outside the V8 heap, used again and again: a read into a fresh buffer costs two to three
 * times one into pages that are already there.
 */
export class BufferPool {
  private readonly free: Buffer[][] = []
  private freeBytes = 0

  constructor() {
    for (let bits = SMALLEST_CLASS_BITS; bits <= LARGEST_CLASS_BITS; bits++) this.free.push([])
  }

  /** At least `sizeBytes` bytes with unknown content. */
  take(sizeBytes: number): Buffer {
    const bits = classBits(sizeBytes)
    if (bits > LARGEST_CLASS_BITS) return Buffer.allocUnsafeSlow(sizeBytes)
    const ready = this.free[bits - SMALLEST_CLASS_BITS]?.pop()
    if (ready === undefined) return Buffer.allocUnsafeSlow(2 ** bits)
    this.freeBytes -= ready.byteLength
    return ready
  }

  /** Gives a buffer from `take` back, once. */
  give(buffer: Buffer): void {
    const bits = classBits(buffer.byteLength)
    const free = this.free[bits - SMALLEST_CLASS_BITS]
    if (free === undefined || this.freeBytes + buffer.byteLength > FREE_BYTES_MAX) return
    this.freeBytes += buffer.byteLength
    free.push(buffer)
  }
}

function classBits(sizeBytes: number): number {
  return Math.max(SMALLEST_CLASS_BITS, sizeBytes <= 1 ? 0 : 32 - Math.clz32(sizeBytes - 1))
}
