import { assert, present } from '@odradek/core'

const SMALLEST_CHUNK_BYTES = 1024
const LARGEST_CHUNK_BYTES = 1024 * 1024
/** Chunks before they stop growing: 1 KiB, then doubling the file until it has 1 MiB. */
const GROWING_CHUNKS = 11

/** Bytes that a set of files may take together, counted by what is allocated. */
export interface MemoryBudget {
  readonly bytesMax: number
  usedBytes: number
}

/** A file's bytes in chunks outside the V8 heap: small ones first, so that ten thousand idle partitions stay cheap. */
export class MemoryFile {
  sizeBytes = 0
  modifiedMs = 0
  private readonly chunks: Buffer[] = []
  private readonly budget: MemoryBudget

  constructor(budget: MemoryBudget) {
    this.budget = budget
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    const total = Math.max(0, Math.min(length, this.sizeBytes - position))
    this.eachPart(position, total, (chunk, at, done, count) => {
      chunk.copy(target, targetOffset + done, at, at + count)
    })
    return total
  }

  /** Bytes written: fewer than given, even none, once the budget is used up. */
  write(bytes: Uint8Array, position: number): number {
    assert(position <= this.sizeBytes, 'a memory file has no holes')
    while (position + bytes.byteLength > this.capacityBytes() && this.grow()) {}
    const total = Math.max(0, Math.min(bytes.byteLength, this.capacityBytes() - position))
    this.eachPart(position, total, (chunk, at, done, count) => {
      chunk.set(bytes.subarray(done, done + count), at)
    })
    this.sizeBytes = Math.max(this.sizeBytes, position + total)
    return total
  }

  truncate(size: number): void {
    if (size > this.sizeBytes) {
      const filled = this.write(new Uint8Array(size - this.sizeBytes), this.sizeBytes)
      assert(this.sizeBytes === size, `no memory to extend a file, ${filled} bytes done`)
      return
    }
    this.sizeBytes = size
    while (this.chunks.length > 0 && chunkStart(this.chunks.length - 1) >= size) this.shrink()
  }

  free(): void {
    while (this.chunks.length > 0) this.shrink()
    this.sizeBytes = 0
  }

  private capacityBytes(): number {
    return this.chunks.length === 0 ? 0 : chunkStart(this.chunks.length)
  }

  private grow(): boolean {
    const size = chunkBytes(this.chunks.length)
    if (this.budget.usedBytes + size > this.budget.bytesMax) return false
    this.budget.usedBytes += size
    this.chunks.push(Buffer.allocUnsafeSlow(size))
    return true
  }

  private shrink(): void {
    this.budget.usedBytes -= present(this.chunks.pop(), 'a chunk to free').byteLength
  }

  private eachPart(
    position: number,
    length: number,
    visit: (chunk: Buffer, at: number, done: number, count: number) => void,
  ): void {
    let done = 0
    while (done < length) {
      const index = chunkAt(position + done)
      const chunk = present(this.chunks[index], 'bytes within the file')
      const at = position + done - chunkStart(index)
      const count = Math.min(length - done, chunk.byteLength - at)
      visit(chunk, at, done, count)
      done += count
    }
  }
}

function chunkBytes(index: number): number {
  if (index === 0) return SMALLEST_CHUNK_BYTES
  return Math.min(LARGEST_CHUNK_BYTES, SMALLEST_CHUNK_BYTES * 2 ** (index - 1))
}

function chunkStart(index: number): number {
  if (index === 0) return 0
  if (index <= GROWING_CHUNKS) return SMALLEST_CHUNK_BYTES * 2 ** (index - 1)
  return LARGEST_CHUNK_BYTES * (index - GROWING_CHUNKS + 1)
}

function chunkAt(position: number): number {
  if (position < SMALLEST_CHUNK_BYTES) return 0
  if (position < LARGEST_CHUNK_BYTES) return 32 - Math.clz32(Math.floor(position / SMALLEST_CHUNK_BYTES))
  return GROWING_CHUNKS - 1 + Math.floor(position / LARGEST_CHUNK_BYTES)
}
