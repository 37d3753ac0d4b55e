import { assert, present } from '@odradek/core'
import type { Segment } from './segment.ts'

/** A log's segments in order of offsets; the last one is written to. */
export class SegmentList {
  readonly all: Segment[]
  /** Rises when segments leave the list: whoever looked at one meanwhile may have to look again. */
  generation = 0

  constructor(segments: readonly Segment[]) {
    assert(segments.length > 0, 'a log has an active segment')
    this.all = [...segments]
  }

  get active(): Segment {
    return present(this.all.at(-1), 'an active segment')
  }

  get first(): Segment {
    return present(this.all[0], 'a first segment')
  }

  get sizeBytes(): number {
    let total = 0
    for (const segment of this.all) total += segment.sizeBytes
    return total
  }

  push(segment: Segment): void {
    assert(segment.baseOffset >= this.active.endOffset, 'a segment follows the one before it')
    this.all.push(segment)
  }

  /** Index of the segment that would hold `offset`: the last one that begins at or before it, else the first. */
  floorIndex(offset: number): number {
    if (offset >= this.active.baseOffset) return this.all.length - 1
    let low = 0
    let high = this.all.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (present(this.all[middle], 'a segment').baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Whether `segments` stand here, one after the other, and none of them is written to. */
  holds(segments: readonly Segment[]): boolean {
    const first = segments[0]
    if (first === undefined) return false
    const at = this.all.indexOf(first)
    return (
      at >= 0 &&
      at + segments.length < this.all.length &&
      segments.every((each, index) => this.all[at + index] === each)
    )
  }

  /** Where the segment after them begins. */
  endOf(segments: readonly Segment[]): number {
    const last = present(segments.at(-1), 'a segment')
    return present(this.all[this.all.indexOf(last) + 1], 'a segment after them').baseOffset
  }

  /** Puts one segment in the place of some that stand here. */
  replace(old: readonly Segment[], segment: Segment): void {
    assert(this.holds(old), 'the segments are still there')
    this.generation++
    this.all.splice(this.all.indexOf(present(old[0], 'a segment to replace')), old.length, segment)
  }

  /** Takes the first `count` segments out of the list. */
  removeFirst(count: number): readonly Segment[] {
    assert(count < this.all.length, 'the active segment stays')
    this.generation++
    return this.all.splice(0, count)
  }
}
