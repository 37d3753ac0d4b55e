import { assert } from '@odradek/core'
import type { AbortedEntry } from './transaction-index.ts'

interface EndedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
  /** Of the marker. */
  readonly lastOffset: number
}

/** Which transactions are open in the log, and which ended where consumers cannot see it yet. */
export class Transactions {
  /** Producer to first offset, in order of first offsets. */
  private open = new Map<bigint, number>()
  /** Ended by a marker at or above the high watermark: they still hold the last stable offset. */
  private unseen: EndedTransaction[] = []
  /** Aborted by markers that are not written yet, in their order. */
  private unwritten: AbortedEntry[] = []

  begin(producer: bigint, firstOffset: number): void {
    assert(!this.open.has(producer), 'a producer has one transaction at a time')
    this.open.set(producer, firstOffset)
  }

  end(producer: bigint, lastOffset: number, isAborted: boolean): void {
    const firstOffset = this.open.get(producer)
    if (firstOffset === undefined) return
    this.open.delete(producer)
    const ended = { producerId: producer, firstOffset, lastOffset }
    this.unseen.push(ended)
    if (isAborted) this.unwritten.push({ ...ended, lastStableOffset: this.firstOpen() ?? lastOffset + 1 })
  }

  /** What was aborted by markers that are written now, for the index of their segment. */
  takeAborted(): readonly AbortedEntry[] {
    const { unwritten } = this
    if (unwritten.length > 0) this.unwritten = []
    return unwritten
  }

  /** Consumers can see what is below `highWatermark` now. */
  seen(highWatermark: number): void {
    if (this.unseen.length === 0) return
    this.unseen = this.unseen.filter((ended) => ended.lastOffset >= highWatermark)
  }

  /** Takes back what happened at `endOffset` and after, none of which was written. */
  truncate(endOffset: number): void {
    for (const ended of this.unseen) {
      if (ended.lastOffset >= endOffset) this.open.set(ended.producerId, ended.firstOffset)
    }
    this.unseen = this.unseen.filter((ended) => ended.lastOffset < endOffset)
    this.unwritten = this.unwritten.filter((ended) => ended.lastOffset < endOffset)
    const still = [...this.open].filter(([, firstOffset]) => firstOffset < endOffset)
    this.open = new Map(still.sort(([, a], [, b]) => a - b))
  }

  /** First offset that a reader of committed records must not reach; `endOffset` when all is decided. */
  firstUnstable(endOffset: number): number {
    let first = Math.min(endOffset, this.firstOpen() ?? endOffset)
    for (const ended of this.unseen) first = Math.min(first, ended.firstOffset)
    return first
  }

  private firstOpen(): number | undefined {
    for (const firstOffset of this.open.values()) return firstOffset
    return undefined
  }
}
