import { type Offset, offsetFromWire, type Timestamp, timestamp } from '@odradek/core'
import type { Cursor } from './cursor.ts'
import { RecordsError } from './records-error.ts'

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

/** What a record's deltas are relative to. */
export interface RecordBase {
  readonly offset: number
  readonly timestamp: bigint
  /** With log-append time all records of a batch have its maximum timestamp. */
  readonly logAppendTime: bigint | null
}

const NO_HEADERS: readonly RecordHeader[] = []

/** The body's length in bytes. A length varint that does not end is a failure of the broker to Kafka, and so its code. */
export function readRecordLength(cursor: Cursor): number {
  const { at } = cursor
  try {
    return cursor.varint()
  } catch (thrown) {
    if (cursor.at - at < 5) throw thrown
    throw new RecordsError('UNKNOWN_SERVER_ERROR', 'a record length is too long a varint')
  }
}

/** The record at the cursor, checked as strictly as Kafka's reader does. */
export function readRecord(cursor: Cursor, base: RecordBase): BatchRecord {
  const length = readRecordLength(cursor)
  const bodyEnd = cursor.at + length
  if (length > cursor.remaining)
    throw new RecordsError('INVALID_RECORD', `a record of ${length} bytes has ${cursor.remaining} left`)
  cursor.byte() // attributes: unused
  const timestampDelta = cursor.varlong()
  const offsetDelta = cursor.varint()
  const key = cursor.view(cursor.varint())
  const value = cursor.view(cursor.varint())
  const headers = readHeaders(cursor)
  if (cursor.at !== bodyEnd) throw new RecordsError('INVALID_RECORD', `a record of ${length} bytes ends elsewhere`)
  return {
    offset: offsetFromWire(BigInt(base.offset + offsetDelta)),
    timestamp: timestamp(base.logAppendTime ?? BigInt.asIntN(64, base.timestamp + BigInt(timestampDelta))),
    key,
    value,
    headers,
  }
}

function readHeaders(cursor: Cursor): readonly RecordHeader[] {
  const count = cursor.varint()
  if (count < 0 || count > cursor.remaining) throw new RecordsError('INVALID_RECORD', `a record with ${count} headers`)
  if (count === 0) return NO_HEADERS
  const headers: RecordHeader[] = []
  for (let index = 0; index < count; index++) {
    const key = cursor.view(cursor.varint())
    if (key === null) throw new RecordsError('INVALID_RECORD', 'a header without a key')
    headers.push({ key, value: cursor.view(cursor.varint()) })
  }
  return headers
}
