import type { CoordinatorRecord } from './shard.ts'

/** Length fields, attributes, timestamp and offset deltas of a record in a batch, at most. */
const RECORD_OVERHEAD_BYTES = 32

/** What the records take in a batch, at most. */
export function recordsBytes(records: readonly CoordinatorRecord[]): number {
  let bytes = 0
  for (const { key, value } of records) bytes += key.length + (value?.length ?? 0) + RECORD_OVERHEAD_BYTES
  return bytes
}
