import type { Offset, Timestamp } from '@odradek/core'
import { readBatchHeader } from './batch-header.ts'
import { offsetOf, timestampOf } from './batch-record.ts'
import { type DecompressionLimits, scannedRecords } from './batch-records.ts'

/** A record found by its timestamp. */
export interface TimedOffset {
  readonly offset: Offset
  readonly timestamp: Timestamp
}

/**
 * The first record of the batch, from offset `from` on, with a timestamp of at least `timestamp`: whatever the header says
 * of the largest one.
 * @throws RecordsError when the batch must be opened for that and cannot be.
 */
export function firstRecordAtOrAfter(
  batch: Uint8Array,
  timestamp: Timestamp,
  limits: DecompressionLimits,
  from = 0,
): TimedOffset | null {
  const header = readBatchHeader(batch)
  if (header.timestampType === 'LogAppendTime' && header.maxTimestamp < timestamp) return null
  for (const scanner of scannedRecords(batch, header, limits)) {
    const found = timestampOf(scanner, header)
    const offset = offsetOf(scanner, header)
    if (found >= timestamp && offset >= from) return { offset, timestamp: found }
  }
  return null
}

/**
 * The first of the records with the largest timestamp in the batch; null when it has none left.
 * @throws RecordsError as `firstRecordAtOrAfter`.
 */
export function maxTimestampOf(batch: Uint8Array, limits: DecompressionLimits): TimedOffset | null {
  const header = readBatchHeader(batch)
  let largest: TimedOffset | null = null
  for (const scanner of scannedRecords(batch, header, limits)) {
    const timestamp = timestampOf(scanner, header)
    if (largest !== null && timestamp <= largest.timestamp) continue
    largest = { offset: offsetOf(scanner, header), timestamp }
    // All of them have this one.
    if (header.timestampType === 'LogAppendTime') break
  }
  return largest
}
