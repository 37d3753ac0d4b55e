import type { PartitionReport } from '../inspection/partition-inspection.ts'
import type { BadRange, InspectedSegment } from '../inspection/segment-inspection.ts'

export interface RepairRequest {
  /** `truncate`: the log ends before the first bad byte. `skip`: only bad bytes go. `none`: only derived files are mended. */
  readonly cut: 'truncate' | 'skip' | 'none'
  /** Whether batches that are as they were sent, but cannot be read, count as bad. */
  readonly withUnreadable: boolean
}

export interface ByteRange {
  readonly position: number
  readonly sizeBytes: number
}

/** What becomes of one segment. */
export interface SegmentRepair {
  readonly baseOffset: number
  readonly cut: readonly ByteRange[]
  readonly keep: readonly ByteRange[]
  /** Nothing of it is left, and it is not needed to tell where the log begins. */
  readonly isRemoved: boolean
}

export interface RepairPlan {
  /** Segments that change. */
  readonly segments: readonly SegmentRepair[]
  /** Where the first record is lost; null when none is. */
  readonly lostFrom: number | null
  /** Where the log then ends, as far as the segments tell. */
  readonly endOffset: number
}

/** Decides what to cut out. Touches nothing. */
export function planRepair(report: PartitionReport, request: RepairRequest): RepairPlan {
  const isBad = (range: BadRange) => request.cut !== 'none' && (!range.isIntact || request.withUnreadable)
  const segments: SegmentRepair[] = []
  let lostFrom: number | null = null
  let endOffset = report.segments[0]?.baseOffset ?? report.startOffset
  for (const [index, segment] of report.segments.entries()) {
    if (request.cut === 'truncate' && lostFrom !== null) {
      segments.push(repairOf(segment, [{ position: 0, sizeBytes: segment.fileBytes }], index))
      continue
    }
    const [first, ...rest] = segment.bad.filter(isBad).sort((a, b) => a.position - b.position)
    if (first === undefined) {
      endOffset = Math.max(endOffset, segment.endOffset)
      continue
    }
    lostFrom ??= first.fromOffset
    if (request.cut === 'truncate') {
      endOffset = Math.max(endOffset, first.fromOffset)
      segments.push(
        repairOf(segment, [{ position: first.position, sizeBytes: segment.fileBytes - first.position }], index),
      )
    } else {
      const repair = repairOf(segment, [first, ...rest], index)
      const isEndCut = last(repair.cut) >= segment.fileBytes
      endOffset = Math.max(endOffset, isEndCut ? endOfKept(segment, repair) : segment.endOffset)
      segments.push(repair)
    }
  }
  return { segments, lostFrom, endOffset }
}

function last(ranges: readonly ByteRange[]): number {
  const range = ranges.at(-1)
  return range === undefined ? 0 : range.position + range.sizeBytes
}

/** With the last bytes cut, what is good before them ends where the bad began. */
function endOfKept(segment: InspectedSegment, { cut }: SegmentRepair): number {
  const lastCut = cut.at(-1)
  return segment.bad.find(({ position }) => position === lastCut?.position)?.fromOffset ?? segment.baseOffset
}

function repairOf(segment: InspectedSegment, cut: readonly ByteRange[], index: number): SegmentRepair {
  const keep: ByteRange[] = []
  let position = 0
  for (const range of cut) {
    if (range.position > position) keep.push({ position, sizeBytes: range.position - position })
    position = range.position + range.sizeBytes
  }
  if (position < segment.fileBytes) keep.push({ position, sizeBytes: segment.fileBytes - position })
  const ranges = cut.map(({ position: at, sizeBytes }) => ({ position: at, sizeBytes }))
  return { baseOffset: segment.baseOffset, cut: ranges, keep, isRemoved: keep.length === 0 && index > 0 }
}
