import { assert, type Offset } from '@odradek/core'
import type { AppendResult } from './partition-log.ts'

export type AppendDone = (result: AppendResult) => void

const NO_DONE: AppendDone = () => {}
/** Delivered places are given back in one go once there are so many. */
const COMPACT_ENTRIES = 1024

/**
 * Answers that wait for their turn, in the order of the calls. Columns instead of an object per append: this is the
 * busiest queue of the broker.
 */
export class AppendQueue {
  private readonly dones: AppendDone[] = []
  private readonly results: AppendResult[] = []
  /** How far the log must be flushed before the answer may leave; 0 when writing is enough. */
  private readonly flushTargets: number[] = []
  /** Where the log ended before the append. */
  private readonly endsBefore: number[] = []
  private delivered = 0
  private released = 0
  private written = 0

  push(done: AppendDone, result: AppendResult, flushTarget: number, endBefore: number): void {
    this.dones.push(done)
    this.results.push(result)
    this.flushTargets.push(flushTarget)
    this.endsBefore.push(endBefore)
  }

  /** All that came so far is written. */
  markWritten(): void {
    this.written = this.dones.length
  }

  /** Turns the good answers since the last `markWritten` that rest on records from `endOffset` on into `failed`. */
  failUnwritten(endOffset: Offset, failed: AppendResult): void {
    for (let index = this.written; index < this.results.length; index++) {
      const result = this.results[index]
      if (result?.ok !== true || result.lastOffset < endOffset) continue
      this.results[index] = failed
      this.flushTargets[index] = 0
    }
  }

  /** Every answer that has not left becomes `failed`. */
  failAll(failed: AppendResult): void {
    for (let index = this.released; index < this.results.length; index++) {
      if (this.results[index]?.ok === true) this.results[index] = failed
      this.flushTargets[index] = 0
    }
    this.markWritten()
  }

  /** Lets go of every answer whose turn it is, now that the log is flushed up to `flushedOffset`. */
  release(flushedOffset: number): void {
    while (this.released < this.written && (this.flushTargets[this.released] ?? 0) <= flushedOffset) this.released++
  }

  /** Written answers that wait for the device, or behind one that does. */
  get waiting(): number {
    return this.written - this.released
  }

  /** Where the log ended before the first written append that waits for a flush; null when none does. */
  get blockedAt(): number | null {
    return this.released < this.written ? (this.endsBefore[this.released] ?? null) : null
  }

  /** Calls back for what was released. What the callbacks append waits for the next time. */
  deliver(): void {
    while (this.delivered < this.released) {
      const index = this.delivered++
      const done = this.dones[index]
      const result = this.results[index]
      assert(done !== undefined && result !== undefined, 'an answer for every append')
      this.dones[index] = NO_DONE
      done(result)
    }
    if (this.delivered === this.dones.length || this.delivered >= COMPACT_ENTRIES) this.compact()
  }

  private compact(): void {
    const count = this.delivered
    for (const column of [this.dones, this.results, this.flushTargets, this.endsBefore]) {
      if (count === column.length) column.length = 0
      else column.splice(0, count)
    }
    this.delivered = 0
    this.released -= count
    this.written -= count
  }
}
