import { type BatchHeader, LOG_OVERHEAD_BYTES, readBaseOffset, readBatchHeader } from '../batch-header.ts'
import { type BatchRecord, recordOf } from '../batch-record.ts'
import { scannedRecords } from '../batch-records.ts'
import { type BatchSpan, batchSpansOf, isSpanIntact } from '../batch-spans.ts'
import { compressionTypeOf } from '../compression/codecs.ts'
import { CONTROL_TYPES, controlTypeOf, readEndTransactionMarker } from '../control-batch.ts'
import { entryAt, type MessageEntry, unwrapped } from '../message-set/message-entries.ts'
import { RecordsError } from '../records-error.ts'

/** More than any line unpacks to. */
export const LINE_LIMITS = { maxDecompressedBytes: 64 * 1024 * 1024 }

/** What a reader makes of bytes, in the form of the vectors. */
export type Description =
  | { readonly batches: readonly unknown[]; readonly truncatedBytes?: number }
  | { readonly readError: { readonly stage: 'split' | 'check' | 'records'; readonly error: string } }

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('base64')

const utf8 = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

function describeControl(key: Uint8Array | null, value: Uint8Array | null): unknown {
  const type = controlTypeOf(key)
  if (type === null || key === null) throw new RecordsError('INVALID_RECORD', 'a control record without a type')
  const marker = readEndTransactionMarker(key, value)
  return {
    type,
    name: CONTROL_TYPES[type] ?? 'UNKNOWN',
    keyVersion: Buffer.from(key).readInt16BE(0),
    ...(marker === null || value === null
      ? {}
      : { valueVersion: Buffer.from(value).readInt16BE(0), coordinatorEpoch: marker.coordinatorEpoch }),
  }
}

/** Sequence of the record `delta` after the batch's first; past 2^31 - 1 comes 0. */
function sequenceOf(header: BatchHeader, delta: number): number {
  if (header.baseSequence < 0) return -1
  return (header.baseSequence + delta) % 2 ** 31
}

function describeRecord(record: BatchRecord, header: BatchHeader, offset: bigint, delta: number): unknown {
  return {
    offset: `${offset}`,
    timestamp: `${record.timestamp}`,
    sequence: sequenceOf(header, delta),
    key: base64(record.key),
    value: base64(record.value),
    headers: record.headers.map(({ key, value }) => ({ key: utf8(key), value: base64(value) })),
    ...(header.isControl ? { control: describeControl(record.key, record.value) } : {}),
  }
}

function describeBatch(bytes: Uint8Array, at: number): unknown {
  const header = readBatchHeader(bytes, at)
  // The vectors have base offsets that no log of ours reaches, hence the exact value.
  const baseOffset = readBaseOffset(bytes.subarray(at))
  const records: unknown[] = []
  for (const scanner of scannedRecords(bytes.subarray(at), header, LINE_LIMITS)) {
    const delta = scanner.offsetDelta
    records.push(describeRecord(recordOf(scanner, header), header, baseOffset + BigInt(delta), delta))
  }
  const { partitionLeaderEpoch, crc, attributes, timestampType, isTransactional, isControl, lastOffsetDelta } = header
  const { producerEpoch, baseSequence, recordsCount } = header
  return {
    baseOffset: `${baseOffset}`,
    batchLength: header.sizeBytes - LOG_OVERHEAD_BYTES,
    ...{ partitionLeaderEpoch, magic: 2, crc, attributes, codec: compressionTypeOf(header.codec) },
    ...{ timestampType, isTransactional, isControl, lastOffsetDelta },
    baseTimestamp: `${header.baseTimestamp}`,
    maxTimestamp: `${header.maxTimestamp}`,
    producerId: `${header.producerId}`,
    ...{ producerEpoch, baseSequence },
    ...(header.hasDeleteHorizon ? { deleteHorizonMs: `${header.baseTimestamp}` } : {}),
    ...{ recordsCount, records },
  }
}

function describeMessage(entry: MessageEntry, sizeBytes: number): unknown {
  const { message } = entry
  const inner = unwrapped(entry, LINE_LIMITS)
  return {
    baseOffset: `${inner[0]?.offset}`,
    batchLength: sizeBytes - LOG_OVERHEAD_BYTES,
    magic: message.magic,
    crc: message.crc,
    attributes: message.attributes,
    codec: compressionTypeOf(message.codec),
    timestampType: message.timestampType,
    headerOffset: `${entry.offset}`,
    ...(message.magic === 0 ? {} : { headerTimestamp: `${message.timestamp}` }),
    records: inner.map(({ offset, message: each }) => ({
      offset: `${offset}`,
      timestamp: `${each.timestamp}`,
      key: base64(each.key()),
      value: base64(each.value()),
    })),
  }
}

/** Reads everything in `bytes` as Kafka's tools do: split, check sizes and checksums, open. */
export function describeRecords(bytes: Uint8Array): Description {
  let stage: 'split' | 'check' | 'records' = 'split'
  try {
    const spans: BatchSpan[] = []
    for (const span of batchSpansOf(bytes)) {
      stage = 'check'
      if (!isSpanIntact(bytes, span)) throw new RecordsError('CORRUPT_MESSAGE', 'wrong checksum')
      stage = 'split'
      spans.push(span)
    }
    stage = 'records'
    const batches = spans.map(({ at, sizeBytes, magic }) =>
      magic === 2 ? describeBatch(bytes, at) : describeMessage(entryAt(bytes, at, sizeBytes), sizeBytes),
    )
    const truncatedBytes = bytes.length - spans.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return truncatedBytes === 0 ? { batches } : { batches, truncatedBytes }
  } catch (thrown) {
    if (!(thrown instanceof RecordsError)) throw thrown
    return { readError: { stage, error: thrown.error } }
  }
}
