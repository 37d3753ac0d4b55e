import { assert } from '@odradek/core'
import type { BufferPool } from './buffer-pool.ts'
import type { BatchesRead } from './log-reader.ts'
import type { AbortedTransaction, ReadData } from './partition-log.ts'

const NO_BYTES = new Uint8Array(0)
const NONE_ABORTED: readonly AbortedTransaction[] = []

/**
 * A buffer is given back for a smaller one when what was found in it is less than a part of so many: more was read than may
 * be told yet, or the next batch did not fit. It may be held until a slow client has read it, and only the records count then.
 */
const FOUND_SHARE = 4
/** Less than a part of the smallest buffer is as good as that. */
const FOUND_BYTES_MIN = 1024

/** Batches in a pooled buffer. Giving it back twice would hand it to two readers at once, hence the assertion. */
export class PooledRead implements ReadData {
  readonly ok = true
  readonly records: Uint8Array
  readonly readBytes: number
  readonly abortedTransactions: readonly AbortedTransaction[]
  private readonly pool: BufferPool
  private buffer: Buffer | null

  constructor(pool: BufferPool, read: BatchesRead, aborted: readonly AbortedTransaction[]) {
    const { buffer, startAt, endAt } = read
    this.pool = pool
    this.abortedTransactions = aborted
    this.readBytes = read.readBytes
    const bytes = endAt - startAt
    if (buffer.byteLength <= FOUND_SHARE * Math.max(bytes, FOUND_BYTES_MIN)) {
      this.buffer = buffer
      this.records = buffer.subarray(startAt, endAt)
      return
    }
    this.buffer = pool.take(bytes)
    buffer.copy(this.buffer, 0, startAt, endAt)
    pool.give(buffer)
    this.records = this.buffer.subarray(0, bytes)
  }

  release(): void {
    assert(this.buffer !== null, 'a read is released once')
    this.pool.give(this.buffer)
    this.buffer = null
  }
}

/** Nothing to read, or nothing that fits. */
export class EmptyRead implements ReadData {
  readonly ok = true
  readonly records = NO_BYTES
  readonly abortedTransactions = NONE_ABORTED
  readonly readBytes: number
  private isReleased = false

  constructor(readBytes: number) {
    this.readBytes = readBytes
  }

  release(): void {
    assert(!this.isReleased, 'a read is released once')
    this.isReleased = true
  }
}
