import type { ClassicGroup } from './classic/group.ts'
import type { OffsetStore } from './offset-store.ts'
import { type CommittedOffset, NO_EXPIRY, offsetTombstone } from './records.ts'
import type { Turn } from './turn.ts'

/**
 * Removes what has expired in one group. True when no offset is left, and none is pending. All times are wall time, since they have to
 * outlast the process; a clock that jumps by less than the retention expires nothing that was in use before.
 */
export function expireOffsets(group: ClassicGroup, offsets: OffsetStore, turn: Turn): boolean {
  const measuredFrom = expiryRule(group)
  let left = 0
  for (const [topic, partitions] of offsets.ofGroup(group.groupId)) {
    const isKept = measuredFrom === null || group.isSubscribedTo(topic)
    for (const [partition, committed] of partitions) {
      const isPending = offsets.pending.has(group.groupId, topic, partition)
      if (isKept || isPending || !isExpired(committed, measuredFrom(committed), turn)) left++
      else turn.record(offsetTombstone(group.groupId, topic, partition))
    }
  }
  return left === 0 && offsets.pending.ofGroup(group.groupId).size === 0
}

/** What the retention is measured from (KIP-211); null: nothing of the group expires now. */
function expiryRule(group: ClassicGroup): ((committed: CommittedOffset) => bigint) | null {
  const fromCommit = (committed: CommittedOffset): bigint => committed.commitTimestampMs
  // Simple groups have no members whose being there could be asked for.
  if (group.protocolType === null) return fromCommit
  if (group.state === 'Empty') return (committed) => group.stateTimestampMs ?? committed.commitTimestampMs
  if (group.state === 'Stable' && group.usesConsumerProtocol && group.knowsSubscribedTopics) return fromCommit
  return null
}

function isExpired(committed: CommittedOffset, fromMs: bigint, turn: Turn): boolean {
  const nowMs = BigInt(Math.trunc(turn.now.wallMs))
  if (committed.expireTimestampMs !== NO_EXPIRY) return nowMs >= committed.expireTimestampMs
  return nowMs - fromMs >= BigInt(turn.config.offsetsRetentionMs)
}
