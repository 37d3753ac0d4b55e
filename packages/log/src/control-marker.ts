import { type BatchHeader, RecordsError, readEndTransactionMarker, recordsOf } from '@odradek/records'
import type { EndMarker } from './producer-state.ts'

/** A marker is 78 bytes and never compressed. */
const LIMITS = { maxDecompressedBytes: 1024 }

export interface TransactionMarker extends EndMarker {
  readonly isAbort: boolean
}

/** What a whole control batch says about a transaction; null for the kinds that say nothing (records.md, "Control batches"). */
export function transactionMarkerIn(bytes: Uint8Array, at: number, header: BatchHeader): TransactionMarker | null {
  if (!header.isControl || header.producerId < 0n) return null
  try {
    const record = recordsOf(bytes, LIMITS, at).next().value
    const marker = record ? readEndTransactionMarker(record.key, record.value) : null
    if (marker === null) return null
    return {
      producerId: header.producerId,
      producerEpoch: header.producerEpoch,
      coordinatorEpoch: marker.coordinatorEpoch,
      timestamp: header.maxTimestamp,
      isAbort: marker.outcome === 'abort',
    }
  } catch (error) {
    if (error instanceof RecordsError) return null
    throw error
  }
}
