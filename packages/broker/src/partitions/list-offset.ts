import {
  type Later,
  type LeaderEpoch,
  NO_LEADER_EPOCH,
  NO_TIMESTAMP,
  type Offset,
  type Timestamp,
  timestamp,
} from '@odradek/core'
import type { PartitionLog, ReadBound, TimestampLookup } from '@odradek/log'
import { boundOffset } from './bound-offset.ts'

const LATEST = -1n
const EARLIEST = -2n
const MAX_TIMESTAMP = -3n
const EARLIEST_LOCAL = -4n
const LATEST_TIERED = -5n
const EARLIEST_PENDING_UPLOAD = -6n

/** Special timestamps and the first version of ListOffsets that has them. */
const SPECIAL_VERSION_MIN: ReadonlyMap<bigint, number> = new Map([
  [LATEST, 0],
  [EARLIEST, 0],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
])

/** Where an asked time lies; offset -1: nowhere. */
export interface ListedOffset {
  readonly offset: Offset | -1
  readonly timestamp: Timestamp
  readonly leaderEpoch: LeaderEpoch
}

const NOWHERE: ListedOffset = { offset: -1, timestamp: NO_TIMESTAMP, leaderEpoch: NO_LEADER_EPOCH }

export function isTimestampServed(asked: bigint, version: number): boolean {
  return asked >= 0n || version >= (SPECIAL_VERSION_MIN.get(asked) ?? Number.POSITIVE_INFINITY)
}

/** The offset for a timestamp, or for one of the special values; there is no tiered storage. */
export function listOffset(log: PartitionLog, asked: bigint, bound: ReadBound): Later<ListedOffset> {
  switch (asked) {
    case LATEST:
      return { offset: boundOffset(log, bound), timestamp: NO_TIMESTAMP, leaderEpoch: log.leaderEpoch }
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { offset: log.startOffset, timestamp: NO_TIMESTAMP, leaderEpoch: epochAtStart(log) }
    case MAX_TIMESTAMP:
      return whenFound(log.lookupMaxTimestamp(), log.highWatermark)
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return NOWHERE
    default:
      return whenFound(log.lookupTimestamp(timestamp(asked), bound), boundOffset(log, bound))
  }
}

/** An empty log begins in its leader's epoch. */
function epochAtStart(log: PartitionLog): LeaderEpoch {
  return log.startOffset === log.endOffset ? log.leaderEpoch : log.epochAt(log.startOffset)
}

/** What lies at or behind the bound may not be known yet. */
function whenFound(lookup: Later<TimestampLookup | null>, bound: Offset): Later<ListedOffset> {
  if (lookup instanceof Promise) return lookup.then((late) => whenFound(late, bound))
  return lookup === null || lookup.offset >= bound ? NOWHERE : lookup
}
