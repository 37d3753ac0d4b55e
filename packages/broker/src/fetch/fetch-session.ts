import type { MonotonicMs } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { FetchTarget, ForgottenPartition } from './fetch-target.ts'
import type { FetchedRow } from './fetched-row.ts'

const SESSION_EPOCH_MAX = 2_147_483_647

/** A partition of a session and what its client was last told of it. */
interface CachedPartition {
  readonly target: FetchTarget
  /** -1 after an error, so that the recovery is told even when nothing else has changed. */
  highWatermark: number
  logStartOffset: number
}

/**
 * What an incremental fetch goes without saying (KIP-227): the partitions that the client wants, in the order in which
 * they are read. Those that gave records move to the end, so that no partition starves behind another.
 */
export class FetchSession {
  readonly id: number
  readonly usesTopicIds: boolean
  readonly createdMs: MonotonicMs
  lastUsedMs: MonotonicMs
  /** What the next request has to name. */
  epoch = 1
  private readonly partitions = new Map<string, CachedPartition>()

  constructor(id: number, usesTopicIds: boolean, nowMs: MonotonicMs, rows: readonly FetchedRow[]) {
    this.id = id
    this.usesTopicIds = usesTopicIds
    this.createdMs = nowMs
    this.lastUsedMs = nowMs
    for (const row of rows) this.partitions.set(row.target.key, cachedPartition(row))
  }

  get size(): number {
    return this.partitions.size
  }

  targets(): FetchTarget[] {
    return Array.from(this.partitions.values(), (cached) => cached.target)
  }

  /** Takes in what a request adds, changes and forgets. A topic's name once found stays: that it is gone then is known. */
  update(wanted: ReadonlyMap<string, FetchTarget>, forgotten: readonly ForgottenPartition[]): void {
    for (const target of wanted.values()) {
      const cached = this.partitions.get(target.key)
      if (cached === undefined) {
        this.partitions.set(target.key, { target, highWatermark: -1, logStartOffset: -1 })
      } else {
        cached.target.fetchOffset = target.fetchOffset
        cached.target.bytesMax = target.bytesMax
        cached.target.currentLeaderEpoch = target.currentLeaderEpoch
        cached.target.lastFetchedEpoch = target.lastFetchedEpoch
      }
    }
    for (const { key } of forgotten) this.partitions.delete(key)
  }

  advance(nowMs: MonotonicMs): void {
    this.epoch = followingEpoch(this.epoch)
    this.lastUsedMs = nowMs
  }

  /** The rows that tell the client something new; the others are released. */
  select(rows: readonly FetchedRow[]): FetchedRow[] {
    return rows.filter((row) => {
      const selected = this.tell(row)
      if (!selected) row.release()
      return selected
    })
  }

  private tell(row: FetchedRow): boolean {
    const cached = this.partitions.get(row.target.key)
    if (cached === undefined) return true
    const failed = row.errorCode !== ErrorCode.NONE
    const moved = row.highWatermark !== cached.highWatermark || row.logStartOffset !== cached.logStartOffset
    cached.highWatermark = failed ? -1 : row.highWatermark
    cached.logStartOffset = row.logStartOffset
    if (row.records.length > 0) {
      this.partitions.delete(row.target.key)
      this.partitions.set(row.target.key, cached)
    }
    const isTold = row.divergingEpoch !== null || row.preferredReadReplica !== -1
    return failed || moved || row.records.length > 0 || isTold
  }
}

/** After the largest epoch comes 1: 0 and below have meanings of their own. */
export function followingEpoch(epoch: number): number {
  return epoch === SESSION_EPOCH_MAX ? 1 : epoch + 1
}

function cachedPartition(row: FetchedRow): CachedPartition {
  return { target: row.target, highWatermark: row.highWatermark, logStartOffset: row.logStartOffset }
}
