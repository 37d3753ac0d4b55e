import { assert } from '@odradek/core'
import { POOL_IDLE_BYTES_MAX, POOLED_BUFFER_BYTES_MIN } from './limits.ts'

/** Buffers for what is kept between reads, in powers of two. What is not in use stays for the next, up to a bound. */
export class ReceivePool {
  private readonly idle = new Map<number, Buffer[]>()
  private idleBytes = 0
  private readonly idleBytesMax: number

  constructor(idleBytesMax = POOL_IDLE_BYTES_MAX) {
    this.idleBytesMax = idleBytesMax
  }

  get idleSizeBytes(): number {
    return this.idleBytes
  }

  /** A buffer of at least `bytes`, with whatever it held before. */
  take(bytes: number): Buffer {
    const size = sizeClass(bytes)
    const buffer = this.idle.get(size)?.pop()
    if (buffer === undefined) return Buffer.allocUnsafeSlow(size)
    this.idleBytes -= size
    return buffer
  }

  give(buffer: Buffer): void {
    const size = buffer.length
    assert(size === sizeClass(size), 'a buffer came back in another size than it was given out in')
    if (this.idleBytes + size > this.idleBytesMax) return
    const stack = this.idle.get(size)
    if (stack === undefined) this.idle.set(size, [buffer])
    else stack.push(buffer)
    this.idleBytes += size
  }
}

function sizeClass(bytes: number): number {
  if (bytes <= POOLED_BUFFER_BYTES_MIN) return POOLED_BUFFER_BYTES_MIN
  return 2 ** Math.ceil(Math.log2(bytes))
}
