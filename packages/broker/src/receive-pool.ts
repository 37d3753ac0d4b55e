import { assert } from '@odradek/core'
import { POOL_IDLE_BYTES_MAX, POOLED_BUFFER_BYTES_MIN, REGION_BUFFER_BYTES_MIN } from './limits.ts'

/**
 * Buffers for what is kept between reads, in powers of two. What is not in use stays for the next, up to a bound. Large
 * ones come from a region, made when the first is wanted, while it has room: memory whose checksums need no copy.
 */
export class ReceivePool {
  private readonly idle = new Map<number, Buffer[]>()
  private readonly idleBytesMax: number
  private idleBytes = 0
  private readonly makeRegion: () => Buffer | null
  private region: Buffer | null = null
  private regionUsed = 0

  constructor(makeRegion: () => Buffer | null = () => null, idleBytesMax = POOL_IDLE_BYTES_MAX) {
    this.makeRegion = makeRegion
    this.idleBytesMax = idleBytesMax
  }

  /** A buffer of at least `bytes`, with whatever it held before. */
  take(bytes: number): Buffer {
    const size = sizeClass(bytes)
    const buffer = this.idle.get(size)?.pop()
    if (buffer === undefined) return this.make(size)
    if (!this.isOfRegion(buffer)) this.idleBytes -= size
    return buffer
  }

  give(buffer: Buffer): void {
    const size = buffer.length
    assert(size === sizeClass(size), 'a buffer came back in another size than it was given out in')
    if (!this.isOfRegion(buffer)) {
      if (this.idleBytes + size > this.idleBytesMax) return
      this.idleBytes += size
    }
    const stack = this.idle.get(size)
    if (stack === undefined) this.idle.set(size, [buffer])
    else stack.push(buffer)
  }

  private make(size: number): Buffer {
    if (size < REGION_BUFFER_BYTES_MIN) return Buffer.allocUnsafeSlow(size)
    this.region ??= this.makeRegion() ?? NO_REGION
    const end = this.regionUsed + size
    if (end > this.region.length) return Buffer.allocUnsafeSlow(size)
    const buffer = this.region.subarray(this.regionUsed, end)
    this.regionUsed = end
    return buffer
  }

  private isOfRegion(buffer: Buffer): boolean {
    return buffer.buffer === this.region?.buffer
  }
}

const NO_REGION = Buffer.alloc(0)

function sizeClass(bytes: number): number {
  if (bytes <= POOLED_BUFFER_BYTES_MIN) return POOLED_BUFFER_BYTES_MIN
  return 2 ** Math.ceil(Math.log2(bytes))
}
