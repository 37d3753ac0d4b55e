import { BATCH_HEADER_BYTES, type BatchHeader, readBatchHeader } from '../batch-header.ts'
import { recordOf } from '../batch-record.ts'
import { type DecompressionLimits, scannedRecords } from '../batch-records.ts'
import { batchSpansOf } from '../batch-spans.ts'
import { type CompressionType, compressionTypeOf } from '../compression/codecs.ts'
import { OPENED_RECORDS_MAX } from '../opened-records.ts'
import { RecordsError, type RecordsErrorName } from '../records-error.ts'
import { type MessageToWrite, writeMessageSet } from './message-writer.ts'

/** Messages for an old client, or why there are none. */
export type DownConversion =
  | { readonly ok: true; readonly records: Uint8Array }
  | { readonly ok: false; readonly error: RecordsErrorName }

function messagesOf(
  batch: Uint8Array,
  header: BatchHeader,
  limits: DecompressionLimits,
  firstOffset: number,
): MessageToWrite[] {
  const messages: MessageToWrite[] = []
  for (const scanner of scannedRecords(batch, header, limits)) {
    const { offset, timestamp, key, value } = recordOf(scanner, header)
    // One by one, older records can be left out; in a wrapper a client must count from its first.
    if (header.codec === 0 && offset < firstOffset) continue
    messages.push({ offset: BigInt(offset), timestamp, key, value })
  }
  return messages
}

function writableType(header: BatchHeader): Exclude<CompressionType, 'zstd'> {
  const type = compressionTypeOf(header.codec)
  if (type !== 'zstd') return type
  throw new RecordsError('UNSUPPORTED_COMPRESSION_TYPE', 'zstd has no form in formats 0 and 1')
}

function convertBatch(
  batch: Uint8Array,
  magic: 0 | 1,
  limits: DecompressionLimits,
  firstOffset: number,
): Uint8Array | null {
  const header = readBatchHeader(batch)
  if (header.isControl) return null
  const compressionType = writableType(header)
  const messages = messagesOf(batch, header, limits, firstOffset)
  if (messages.length === 0) return null
  const isLogAppendTime = header.timestampType === 'LogAppendTime'
  return writeMessageSet(messages, {
    magic,
    compressionType,
    ...(isLogAppendTime ? { logAppendTime: header.maxTimestamp } : {}),
  })
}

/**
 * Stored batches as messages of format 0 or 1, for Fetch 0 to 3, as Kafka 3.9 does it: the same offsets, timestamps where
 * the format has them, each batch in its codec. Headers and control batches are left out, and so are plain records before
 * `firstOffset`, the one asked for. Ends early where it would be very many records. UNSUPPORTED_COMPRESSION_TYPE when one of them is zstd.
 */
export function downConvert(
  batches: Uint8Array,
  magic: 0 | 1,
  limits: DecompressionLimits,
  firstOffset: number,
): DownConversion {
  try {
    const parts: Uint8Array[] = []
    let recordsLeft = OPENED_RECORDS_MAX
    for (const span of batchSpansOf(batches)) {
      const bytes = batches.subarray(span.at, span.at + span.sizeBytes)
      const isBatch = span.magic === 2 && span.sizeBytes >= BATCH_HEADER_BYTES
      if (!isBatch) throw new RecordsError('CORRUPT_MESSAGE', 'the log holds batches of format 2 only')
      recordsLeft -= readBatchHeader(bytes).recordsCount
      // The client asks for the rest when it has read these.
      if (recordsLeft < 0 && parts.length > 0) break
      const converted = convertBatch(bytes, magic, limits, firstOffset)
      if (converted !== null) parts.push(converted)
    }
    return { ok: true, records: Buffer.concat(parts) }
  } catch (thrown) {
    if (!(thrown instanceof RecordsError)) throw thrown
    return { ok: false, error: thrown.error }
  }
}
