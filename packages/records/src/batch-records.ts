import { BATCH_HEADER_BYTES, type BatchHeader, readBatchHeader } from './batch-header.ts'
import { type BatchRecord, type RecordBase, readRecord } from './batch-record.ts'
import { codecFor, compressionTypeOf } from './compression/codecs.ts'
import { Cursor } from './cursor.ts'
import { RecordsError } from './records-error.ts'

/** What opening a batch may cost. */
export interface DecompressionLimits {
  /** `max.decompressed.message.bytes` or the broker's own cap, whichever is less. */
  readonly maxDecompressedBytes: number
}

/** The records' bytes of the batch at `at`: a view, or what it unpacks to. */
export function plainRecordsOf(
  bytes: Uint8Array,
  at: number,
  header: BatchHeader,
  limits: DecompressionLimits,
): Cursor {
  const start = at + BATCH_HEADER_BYTES
  const end = at + header.sizeBytes
  const type = compressionTypeOf(header.codec)
  if (type === 'none') return new Cursor(bytes, start, end)
  const plain = codecFor(type, 2).decompress(bytes.subarray(start, end), limits.maxDecompressedBytes)
  return new Cursor(plain, 0, plain.length)
}

export function recordBaseOf(header: BatchHeader): RecordBase {
  return {
    offset: header.baseOffset,
    timestamp: header.baseTimestamp,
    logAppendTime: header.timestampType === 'LogAppendTime' ? header.maxTimestamp : null,
  }
}

/**
 * The records of the whole batch at `at`, one after the other.
 * @throws RecordsError at the first one that is wrong, or at once when they unpack to more than the limit or not at all.
 */
export function* recordsOf(bytes: Uint8Array, limits: DecompressionLimits, at = 0): Generator<BatchRecord, void, void> {
  const header = readBatchHeader(bytes, at)
  const { recordsCount } = header
  if (recordsCount < 0) throw new RecordsError('INVALID_RECORD', `a batch of ${recordsCount} records`)
  if (recordsCount === 0) return
  const cursor = plainRecordsOf(bytes, at, header, limits)
  const base = recordBaseOf(header)
  for (let index = 1; index <= recordsCount; index++) {
    const record = readRecord(cursor, base)
    if (index === recordsCount && cursor.remaining > 0) {
      throw new RecordsError('INVALID_RECORD', `${cursor.remaining} bytes after the last of ${recordsCount} records`)
    }
    yield record
  }
}
