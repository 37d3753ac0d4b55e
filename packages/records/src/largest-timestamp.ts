import { NO_TIMESTAMP, type Timestamp } from '@odradek/core'

/** The largest timestamp of the records; -1 when none has a larger one. */
export function largestTimestamp(records: readonly { readonly timestamp: Timestamp }[]): Timestamp {
  let largest = NO_TIMESTAMP
  for (const { timestamp } of records) if (timestamp > largest) largest = timestamp
  return largest
}
