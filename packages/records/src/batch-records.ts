import { BATCH_HEADER_BYTES, type BatchHeader, readBatchHeader } from './batch-header.ts'
import { type BatchRecord, recordOf } from './batch-record.ts'
import { codecFor, compressionTypeOf } from './compression/codecs.ts'
import { Cursor } from './cursor.ts'
import { RecordScanner } from './record-scanner.ts'
import { RecordsError } from './records-error.ts'

/** What opening a batch may cost. */
export interface DecompressionLimits {
  /** `max.decompressed.message.bytes` or the broker's own cap, whichever is less. */
  readonly maxDecompressedBytes: number
}

/**
 * A scanner before the first record of `batch`, which is unpacked if it is compressed.
 * @throws RecordsError when it unpacks to more than the limit, or not at all.
 */
export function openBatch(batch: Uint8Array, header: BatchHeader, limits: DecompressionLimits): RecordScanner {
  const type = compressionTypeOf(header.codec)
  if (type === 'none') return new RecordScanner(new Cursor(batch, BATCH_HEADER_BYTES, header.sizeBytes), 'plain')
  const payload = batch.subarray(BATCH_HEADER_BYTES, header.sizeBytes)
  const plain = codecFor(type, 2).decompress(payload, limits.maxDecompressedBytes)
  return new RecordScanner(new Cursor(plain, 0, plain.length), 'unpacked')
}

/**
 * One scanner, moved strictly from record to record of `batch`: look at it before asking for the next.
 * @throws RecordsError at the first record that is wrong, or at once when the batch cannot be opened.
 */
export function* scannedRecords(
  batch: Uint8Array,
  header: BatchHeader,
  limits: DecompressionLimits,
): Generator<RecordScanner, void, void> {
  const { recordsCount } = header
  if (recordsCount < 0) throw new RecordsError('INVALID_RECORD', `a batch of ${recordsCount} records`)
  // A batch that compaction has emptied keeps its codec, but there is nothing to unpack.
  if (recordsCount === 0) return
  const scanner = openBatch(batch, header, limits)
  for (let index = 1; index <= recordsCount; index++) {
    scanner.read()
    if (index === recordsCount) scanner.expectEnd()
    yield scanner
  }
}

/**
 * The records of the batch of format 2 that begins at `at`, one by one.
 * @throws RecordsError at the first record that is wrong, or at once when the batch cannot be opened.
 */
export function* recordsOf(bytes: Uint8Array, limits: DecompressionLimits, at = 0): Generator<BatchRecord, void, void> {
  const header = readBatchHeader(bytes, at)
  for (const scanner of scannedRecords(bytes.subarray(at), header, limits)) yield recordOf(scanner, header)
}
