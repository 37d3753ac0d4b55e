import { type Later, type Offset, timestamp } from '@odradek/core'
import type { PartitionLog, ReadBound } from '@odradek/log'
import { boundOffset } from './bound-offset.ts'

const LATEST = -1n
const EARLIEST = -2n

/**
 * What ListOffsets 0 asks for: at most `countMax` offsets, falling, before which everything is older than `asked`. Kafka
 * gives the starts of segments, by the time each was last written; here it is the first record that is not older, and
 * the log's start.
 */
export function oldStyleOffsets(log: PartitionLog, asked: bigint, countMax: number, bound: ReadBound): Later<Offset[]> {
  if (asked === EARLIEST) return falling([log.startOffset], countMax)
  const end = boundOffset(log, bound)
  if (asked === LATEST) return falling([end, log.startOffset], countMax)
  const lookup = log.lookupTimestamp(timestamp(asked), bound)
  const offsetsOf = (found: { readonly offset: Offset } | null): Offset[] =>
    falling([found?.offset ?? end, log.startOffset], countMax)
  return lookup instanceof Promise ? lookup.then(offsetsOf) : offsetsOf(lookup)
}

function falling(offsets: readonly Offset[], countMax: number): Offset[] {
  return [...new Set(offsets)].slice(0, Math.max(0, countMax))
}
