import { type Offset, offset, offsetFromWire, type Timestamp, timestamp } from '@odradek/core'
import type { BatchHeader } from './batch-header.ts'
import { headersOf, type RecordScanner, viewOf } from './record-scanner.ts'

/** A record's header. The key is UTF-8 by the protocol, but nobody checks it, so it stays bytes. */
export interface RecordHeader {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** One record with absolute offset and timestamp. Key, value and headers are views: copy what must outlive the batch. */
export interface BatchRecord {
  readonly offset: Offset
  readonly timestamp: Timestamp
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

export const NO_HEADERS: readonly RecordHeader[] = []

/** Timestamp of the record that `scanner` has just read; with log-append time all of a batch have its maximum. */
export function timestampOf(scanner: RecordScanner, header: BatchHeader): Timestamp {
  if (header.timestampType === 'LogAppendTime') return header.maxTimestamp
  return timestamp(BigInt.asIntN(64, header.baseTimestamp + BigInt(scanner.timestampDelta)))
}

/** Offset of the record that `scanner` has just read. Broken batches may have any, even negative ones. */
export function offsetOf(scanner: RecordScanner, header: BatchHeader): Offset {
  const sum = header.baseOffset + scanner.offsetDelta
  return sum >= 0 && sum <= Number.MAX_SAFE_INTEGER ? offset(sum) : offsetFromWire(BigInt(sum))
}

/** The record that `scanner` has just read. */
export function recordOf(scanner: RecordScanner, header: BatchHeader): BatchRecord {
  const { bytes } = scanner
  return {
    offset: offsetOf(scanner, header),
    timestamp: timestampOf(scanner, header),
    key: viewOf(bytes, scanner.keyAt, scanner.keyLength),
    value: viewOf(bytes, scanner.valueAt, scanner.valueLength),
    headers: scanner.headersCount === 0 ? NO_HEADERS : headersOf(scanner),
  }
}
