import type { LeaderEpoch } from '@odradek/core'
import type { EpochEndOffset, PartitionLog } from '@odradek/log'

/**
 * The largest epoch that is not above `epoch`, and where it ends. Null when `epoch` is newer than the leader's own. Of an
 * epoch before all that the log knows, Kafka says that it ended where the log begins.
 */
export function endOfEpoch(log: PartitionLog, epoch: LeaderEpoch): EpochEndOffset | null {
  if (epoch > log.leaderEpoch) return null
  // The leader's own epoch may have no batch yet; it still ends where the log does.
  if (epoch === log.leaderEpoch) return { leaderEpoch: epoch, endOffset: log.endOffset }
  return log.endOffsetForEpoch(epoch) ?? { leaderEpoch: epoch, endOffset: log.startOffset }
}
