import type { Segment } from '../segment.ts'

/** What of a log has been compacted, and what may be. Offsets are those where segments begin, but for the first. */
export interface CleanableRange {
  /** Below it every key is there once. */
  readonly firstDirtyOffset: number
  /** From here on nothing may be touched yet. */
  readonly firstUncleanableOffset: number
  readonly dirtyBytes: number
  /** Dirty bytes among all that would be read. */
  readonly dirtyRatio: number
  /** A record has waited for longer than max.compaction.lag.ms. (KIP-354) */
  readonly isOverdue: boolean
}

export interface CleanableLog {
  readonly segments: readonly Segment[]
  readonly startOffset: number
  readonly endOffset: number
  readonly lastStableOffset: number
  readonly config: { readonly minCompactionLagMs: number; readonly maxCompactionLagMs: number }
}

/** Kafka's rules (KIP-58, KIP-354): never the active segment, nothing undecided, nothing younger than the minimum lag. */
export function cleanableRange(
  log: CleanableLog,
  checkpoint: number | null,
  nowMs: number,
  newestMs: (segment: Segment) => number,
): CleanableRange {
  const { endOffset, segments, startOffset } = log
  const isKnown = checkpoint !== null && checkpoint >= startOffset && checkpoint <= endOffset
  const firstDirtyOffset = isKnown ? checkpoint : startOffset
  const closed = segments.slice(0, -1)
  const activeBase = segments.at(-1)?.baseOffset ?? endOffset
  // Where all that is closed is clean, no segment is dirty: not the last one either, which lies before that offset.
  const dirtyIndex = firstDirtyOffset >= activeBase ? closed.length : Math.max(0, floorIndex(closed, firstDirtyOffset))
  const dirty = closed.slice(dirtyIndex)
  const young = youngest(log, dirty, nowMs, newestMs)
  const bound = Math.max(firstDirtyOffset, Math.min(log.lastStableOffset, activeBase, young ?? activeBase))
  // Whole segments only: the one that holds the bound stays as it is.
  const boundIndex = bound >= activeBase ? closed.length : Math.max(0, floorIndex(closed, bound))
  const firstUncleanableOffset = closed[boundIndex]?.baseOffset ?? activeBase
  let dirtyBytes = 0
  for (let index = dirtyIndex; index < boundIndex; index++) dirtyBytes += closed[index]?.sizeBytes ?? 0
  let cleanBytes = 0
  for (const segment of closed) if (segment.baseOffset < firstDirtyOffset) cleanBytes += segment.sizeBytes
  const totalBytes = cleanBytes + dirtyBytes
  return {
    firstDirtyOffset,
    firstUncleanableOffset,
    dirtyBytes,
    dirtyRatio: totalBytes === 0 ? 0 : dirtyBytes / totalBytes,
    isOverdue: isOverdue(log, dirty, nowMs),
  }
}

/** Where the first segment begins that holds a record within the minimum lag. */
function youngest(
  log: CleanableLog,
  dirty: readonly Segment[],
  nowMs: number,
  newestMs: (segment: Segment) => number,
): number | null {
  const { minCompactionLagMs } = log.config
  if (minCompactionLagMs <= 0) return null
  return dirty.find((segment) => newestMs(segment) > nowMs - minCompactionLagMs)?.baseOffset ?? null
}

function isOverdue(log: CleanableLog, dirty: readonly Segment[], nowMs: number): boolean {
  let earliest = Number.POSITIVE_INFINITY
  for (const { firstTimestamp } of dirty) {
    if (firstTimestamp !== null && firstTimestamp > 0n) earliest = Math.min(earliest, Number(firstTimestamp))
  }
  return earliest < nowMs - Math.max(0, log.config.maxCompactionLagMs)
}

/** The last segment that begins at or before `offset`; -1 when there is none. */
function floorIndex(segments: readonly Segment[], offset: number): number {
  return segments.findLastIndex((segment) => segment.baseOffset <= offset)
}
