import { ErrorCode } from '@odradek/protocol'
import type { FetchedRow } from './fetched-row.ts'

const FLEXIBLE_VERSION_MIN = 12
export const TOPIC_ID_VERSION_MIN = 13

/** Of what stands before the topics, the frame's size among it. */
const FIXED_BYTES = 15
const TOPIC_ID_BYTES = 16
const TRANSACTION_BYTES = 16

/**
 * How large the answer to a fetch will be, for quotas: of what a session leaves unsaid little is known yet, so that of an
 * incremental answer only rows with records or errors count. Off by a few bytes at most.
 */
export function answerBytes(rows: readonly FetchedRow[], version: number, isIncremental: boolean): number {
  let bytes = FIXED_BYTES
  let topic: FetchedRow['target'] | null = null
  for (const row of rows) {
    const { target } = row
    if (isIncremental && row.records.length === 0 && row.errorCode === ErrorCode.NONE) continue
    if (topic === null || topic.topicId !== target.topicId || topic.topicName !== target.topicName) {
      bytes += topicBytes(target, version)
    }
    topic = target
    bytes += partitionBytes(version) + row.records.length + TRANSACTION_BYTES * (row.abortedTransactions?.length ?? 0)
  }
  return bytes
}

function topicBytes({ topicName }: FetchedRow['target'], version: number): number {
  if (version >= TOPIC_ID_VERSION_MIN) return TOPIC_ID_BYTES + 2
  return topicName.length + (version >= FLEXIBLE_VERSION_MIN ? 3 : 6)
}

/** Index, error, offsets, replica, and how many transactions and records follow. */
function partitionBytes(version: number): number {
  if (version >= FLEXIBLE_VERSION_MIN) return 38 + 6
  return 14 + 4 + (version >= 4 ? 12 : 0) + (version >= 5 ? 8 : 0) + (version >= 11 ? 4 : 0)
}
