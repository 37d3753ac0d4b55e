import { assert } from '@odradek/core'
import type { BufferPool } from './buffer-pool.ts'
import type { BatchFacts } from './segment.ts'

/**
 * Batches below this size wait for the end of the tick together; larger ones are written from where they are. Linux takes
 * what is written at once into the page cache in pieces as large: a MB in writes of 16 KB costs 545 us, in writes of 64 KB
 * 364, in writes of 256 KB 285, and copying it 26 (pending-batches.bench.ts; Linux 6.18, ext4).
 */
export const COPIED_BATCH_BYTES_MAX = 64 * 1024
export const PENDING_BYTES_MAX = 256 * 1024
/** What a partition begins with at least: in many ticks thousands of partitions get one small batch each. */
const PENDING_BYTES_FIRST = 4 * 1024
const GROWTH = 4

/**
 * Small batches that have their offsets and wait to be written as one: a write call costs more than copying them.
 * The buffer goes back to the pool after each write, so idle partitions hold none.
 */
export class PendingBatches {
  readonly facts: BatchFacts[] = []
  bytes = 0
  private readonly pool: BufferPool
  private buffer: Buffer | null = null
  /** As much as the last write took: what grows is copied once more. */
  private firstBytes = PENDING_BYTES_FIRST

  constructor(pool: BufferPool) {
    this.pool = pool
  }

  hasRoomFor(sizeBytes: number): boolean {
    return this.bytes + sizeBytes <= PENDING_BYTES_MAX
  }

  add(batch: Uint8Array, facts: BatchFacts): void {
    assert(this.hasRoomFor(batch.length), 'room for a small batch')
    this.room(this.bytes + batch.length).set(batch, this.bytes)
    this.bytes += batch.length
    this.facts.push(facts)
  }

  /** What waits, followed by `last` when it is given. */
  buffers(last: Uint8Array | null): readonly Uint8Array[] {
    const copied = this.buffer === null || this.bytes === 0 ? null : this.buffer.subarray(0, this.bytes)
    if (copied === null) return last === null ? [] : [last]
    return last === null ? [copied] : [copied, last]
  }

  clear(): void {
    if (this.buffer !== null) {
      this.pool.give(this.buffer)
      this.firstBytes = Math.max(PENDING_BYTES_FIRST, this.bytes)
    }
    this.buffer = null
    this.bytes = 0
    this.facts.length = 0
  }

  private room(neededBytes: number): Buffer {
    const { buffer } = this
    if (buffer !== null && buffer.length >= neededBytes) return buffer
    const grownBytes = buffer === null ? this.firstBytes : Math.min(GROWTH * buffer.length, PENDING_BYTES_MAX)
    const larger = this.pool.take(Math.max(neededBytes, grownBytes))
    if (buffer !== null) {
      buffer.copy(larger, 0, 0, this.bytes)
      this.pool.give(buffer)
    }
    this.buffer = larger
    return larger
  }
}
