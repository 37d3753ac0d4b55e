import type { LogConfig } from '../log-config.ts'
import type { Segment } from '../segment.ts'

/** Offsets of a segment are relative to its first in 32 bits. */
const RELATIVE_OFFSET_MAX = 2_147_483_647

/** Puts neighbours together that fit into one segment before they are compacted, so that small ones do not pile up. */
export function groupSegments(
  segments: readonly Segment[],
  config: Pick<LogConfig, 'segmentBytes' | 'segmentIndexBytes'>,
  endOffset: number,
): readonly (readonly Segment[])[] {
  const groups: Segment[][] = []
  let group: Segment[] = []
  let sizeBytes = 0
  let indexBytes = 0
  let timeIndexBytes = 0
  for (const [index, segment] of segments.entries()) {
    const lastOffset = (segments[index + 1]?.baseOffset ?? endOffset) - 1
    const isNear = segment.sizeBytes === 0 || lastOffset - (group[0]?.baseOffset ?? 0) <= RELATIVE_OFFSET_MAX
    const fits =
      sizeBytes + segment.sizeBytes <= config.segmentBytes &&
      indexBytes + segment.offsetIndex.entries.sizeBytes <= config.segmentIndexBytes &&
      timeIndexBytes + segment.timeIndex.entries.sizeBytes <= config.segmentIndexBytes
    if (group.length === 0 || !isNear || !fits) {
      group = []
      groups.push(group)
      sizeBytes = 0
      indexBytes = 0
      timeIndexBytes = 0
    }
    group.push(segment)
    sizeBytes += segment.sizeBytes
    indexBytes += segment.offsetIndex.entries.sizeBytes
    timeIndexBytes += segment.timeIndex.entries.sizeBytes
  }
  return groups
}
