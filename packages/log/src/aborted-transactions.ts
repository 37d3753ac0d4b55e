import { offset, producerId } from '@odradek/core'
import type { AbortedTransaction } from './partition-log.ts'
import type { SegmentList } from './segment-list.ts'

/**
 * Aborted transactions with records or marker from `fromOffset` on that began before `toOffset`, from the segments'
 * indexes. An entry stands where its marker is, which may be segments later; none that began before `toOffset` comes after
 * one at which all below it was decided.
 */
export function abortedWithin(
  segments: SegmentList,
  fromOffset: number,
  toOffset: number,
): readonly AbortedTransaction[] {
  const found: AbortedTransaction[] = []
  for (let at = segments.floorIndex(fromOffset); at < segments.all.length; at++) {
    const index = segments.all[at]?.transactionIndex
    if (index === undefined || index.count === 0) continue
    for (const aborted of index.entriesFrom(index.firstEndingFrom(fromOffset))) {
      if (aborted.firstOffset < toOffset) {
        found.push({ producerId: producerId(aborted.producerId), firstOffset: offset(aborted.firstOffset) })
      }
      if (aborted.lastStableOffset >= toOffset) return found
    }
  }
  return found
}
