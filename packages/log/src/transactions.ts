import { assert, offset, producerId } from '@odradek/core'
import type { AbortedTransaction } from './partition-log.ts'

interface EndedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
  /** Of the marker. */
  readonly lastOffset: number
  readonly isAborted: boolean
}

/** Which transactions are open in the log, which ended where consumers cannot see it yet, and which were aborted. */
export class Transactions {
  /** Producer to first offset, in order of first offsets. */
  private open = new Map<bigint, number>()
  /** Ended by a marker at or above the high watermark: they still hold the last stable offset. */
  private unseen: EndedTransaction[] = []
  /** In order of their markers. */
  private aborted: EndedTransaction[] = []

  begin(producer: bigint, firstOffset: number): void {
    assert(!this.open.has(producer), 'a producer has one transaction at a time')
    this.open.set(producer, firstOffset)
  }

  end(producer: bigint, lastOffset: number, isAborted: boolean): void {
    const firstOffset = this.open.get(producer)
    if (firstOffset === undefined) return
    this.open.delete(producer)
    const ended = { producerId: producer, firstOffset, lastOffset, isAborted }
    this.unseen.push(ended)
    if (isAborted) this.aborted.push(ended)
  }

  /** Consumers can see what is below `highWatermark` now. */
  seen(highWatermark: number): void {
    if (this.unseen.length === 0) return
    this.unseen = this.unseen.filter((ended) => ended.lastOffset >= highWatermark)
  }

  /** Takes back what happened at `endOffset` and after, none of which consumers have seen. */
  truncate(endOffset: number): void {
    for (const ended of this.unseen) {
      if (ended.lastOffset >= endOffset) this.open.set(ended.producerId, ended.firstOffset)
    }
    this.unseen = this.unseen.filter((ended) => ended.lastOffset < endOffset)
    this.aborted = this.aborted.filter((ended) => ended.lastOffset < endOffset)
    const still = [...this.open].filter(([, firstOffset]) => firstOffset < endOffset)
    this.open = new Map(still.sort(([, a], [, b]) => a - b))
  }

  /** Compaction has been over `fromOffset` to `toOffset`: of the markers there, only those in `kept` still tell of data. */
  compacted(fromOffset: number, toOffset: number, kept: ReadonlySet<number>): void {
    this.aborted = this.aborted.filter(
      ({ lastOffset }) => lastOffset < fromOffset || lastOffset >= toOffset || kept.has(lastOffset),
    )
  }

  /** Records before `startOffset` are gone. */
  forgetBefore(startOffset: number): void {
    this.aborted = this.aborted.filter((ended) => ended.lastOffset >= startOffset)
  }

  /** First offset that a reader of committed records must not reach; `endOffset` when all is decided. */
  firstUnstable(endOffset: number): number {
    let first = endOffset
    for (const firstOffset of this.open.values()) {
      first = Math.min(first, firstOffset)
      break
    }
    for (const ended of this.unseen) first = Math.min(first, ended.firstOffset)
    return first
  }

  /** Aborted transactions with records or marker from `fromOffset` on that began before `toOffset`. */
  abortedWithin(fromOffset: number, toOffset: number): readonly AbortedTransaction[] {
    const found: AbortedTransaction[] = []
    for (let index = this.firstEndingFrom(fromOffset); index < this.aborted.length; index++) {
      const ended = this.aborted[index]
      if (ended !== undefined && ended.firstOffset < toOffset) {
        found.push({ producerId: producerId(ended.producerId), firstOffset: offset(ended.firstOffset) })
      }
    }
    return found
  }

  private firstEndingFrom(offset: number): number {
    let low = 0
    let high = this.aborted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.aborted[middle]?.lastOffset ?? -1) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
