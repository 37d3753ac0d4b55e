import { assert } from '@odradek/core'
import type { BufferPool } from './buffer-pool.ts'
import type { AbortedTransaction, ReadData } from './partition-log.ts'

const NO_BYTES = new Uint8Array(0)
const NONE_ABORTED: readonly AbortedTransaction[] = []

/** Batches in a pooled buffer. Giving it back twice would hand it to two readers at once, hence the assertion. */
export class PooledRead implements ReadData {
  readonly ok = true
  readonly records: Uint8Array
  readonly abortedTransactions: readonly AbortedTransaction[]
  private readonly pool: BufferPool
  private buffer: Buffer | null

  constructor(
    pool: BufferPool,
    buffer: Buffer,
    startAt: number,
    endAt: number,
    aborted: readonly AbortedTransaction[],
  ) {
    this.pool = pool
    this.buffer = buffer
    this.records = buffer.subarray(startAt, endAt)
    this.abortedTransactions = aborted
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
  private isReleased = false

  release(): void {
    assert(!this.isReleased, 'a read is released once')
    this.isReleased = true
  }
}
