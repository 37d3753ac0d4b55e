import { assert, NO_LEADER_EPOCH, NO_PRODUCER_ID, NO_TIMESTAMP, type ProducerId, type Timestamp } from '@odradek/core'
import {
  ATTRIBUTES_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  CONTROL_BIT,
  CRC_AT,
  DELETE_HORIZON_BIT,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LENGTH_AT,
  LOG_APPEND_TIME_BIT,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
  RECORDS_COUNT_AT,
  TRANSACTIONAL_BIT,
} from './batch-header.ts'
import { NO_HEADERS, type RecordHeader } from './batch-record.ts'
import { ByteWriter } from './byte-writer.ts'
import { type CompressionType, codecFor, codecIdOf } from './compression/codecs.ts'
import { crc32c } from './crc32c.ts'
import { largestTimestamp } from './largest-timestamp.ts'

/** A record to write; without `offset` it follows the one before it. */
export interface RecordToWrite {
  readonly offset?: number
  readonly timestamp: Timestamp
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers?: readonly RecordHeader[]
}

/** What a batch is made of. All but the records has the default of a plain client's batch. */
export interface BatchToBuild {
  readonly records: readonly RecordToWrite[]
  /** 0, as clients send it: the log assigns the true one. */
  readonly baseOffset?: number
  readonly partitionLeaderEpoch?: number
  readonly compressionType?: CompressionType
  readonly compressionLevel?: number
  /** Makes it a batch of log-append time: the timestamp that all its records have. */
  readonly logAppendTime?: Timestamp
  readonly producerId?: ProducerId
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  /** Of batches that compaction has been over. (KIP-534) */
  readonly deleteHorizonMs?: Timestamp
  /** More than the last record's where compaction removed the last ones. */
  readonly lastOffsetDelta?: number
  /** Only for a batch that compaction has emptied: it keeps the one it had. */
  readonly maxTimestamp?: Timestamp
}

/** The records' bytes, before compression. */
function writeRecords(batch: BatchToBuild, baseOffset: number, baseTimestamp: bigint): ByteWriter {
  const writer = new ByteWriter()
  let nextOffset = baseOffset
  for (const record of batch.records) {
    const offset = record.offset ?? nextOffset
    const body = new ByteWriter()
    body.int8(0)
    body.varlong(BigInt.asIntN(64, record.timestamp - baseTimestamp))
    body.varint(offset - baseOffset)
    body.varbytes(record.key)
    body.varbytes(record.value)
    const headers = record.headers ?? NO_HEADERS
    body.varint(headers.length)
    for (const header of headers) {
      body.varbytes(header.key)
      body.varbytes(header.value)
    }
    writer.varbytes(body.written())
    nextOffset = offset + 1
  }
  return writer
}

function attributesOf(batch: Omit<BatchToBuild, 'records'>): number {
  return (
    codecIdOf(batch.compressionType ?? 'none') |
    (batch.logAppendTime === undefined ? 0 : LOG_APPEND_TIME_BIT) |
    (batch.isTransactional ? TRANSACTIONAL_BIT : 0) |
    (batch.isControl ? CONTROL_BIT : 0) |
    (batch.deleteHorizonMs === undefined ? 0 : DELETE_HORIZON_BIT)
  )
}

function lastDeltaOf(batch: BatchToBuild, baseOffset: number): number {
  const { records } = batch
  const last = records.at(-1)?.offset ?? baseOffset + records.length - 1
  return batch.lastOffsetDelta ?? Math.max(last - baseOffset, 0)
}

/** One batch of format 2, checksum and all. */
export function buildBatch(batch: BatchToBuild): Uint8Array {
  const { records, baseOffset = 0 } = batch
  const baseTimestamp = batch.deleteHorizonMs ?? records[0]?.timestamp ?? NO_TIMESTAMP
  const plain = writeRecords(batch, baseOffset, baseTimestamp).written()
  return sealBatch(plain, {
    ...batch,
    baseOffset,
    baseTimestamp,
    maxTimestamp: batch.logAppendTime ?? batch.maxTimestamp ?? largestTimestamp(records),
    lastOffsetDelta: lastDeltaOf(batch, baseOffset),
    recordsCount: records.length,
  })
}

/** All of a batch but its records. */
export interface BatchFrame extends Omit<BatchToBuild, 'records'> {
  readonly baseTimestamp: Timestamp
  readonly maxTimestamp: Timestamp
  readonly lastOffsetDelta: number
  readonly recordsCount: number
}

/** A batch of the records whose bytes are `plain`: compressed here if `frame` says so. */
export function sealBatch(plain: Uint8Array, frame: BatchFrame): Uint8Array {
  const { compressionType = 'none' } = frame
  assert(!frame.isControl || compressionType === 'none', 'control batches are never compressed')
  const payload =
    compressionType === 'none' ? plain : codecFor(compressionType, 2).compress(plain, frame.compressionLevel)
  const bytes = Buffer.allocUnsafe(BATCH_HEADER_BYTES + payload.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, BATCH_HEADER_BYTES)
  view.setBigInt64(0, BigInt(frame.baseOffset ?? 0))
  view.setInt32(LENGTH_AT, bytes.length - LOG_OVERHEAD_BYTES)
  view.setInt32(LEADER_EPOCH_AT, frame.partitionLeaderEpoch ?? NO_LEADER_EPOCH)
  view.setInt8(MAGIC_AT, 2)
  view.setInt16(ATTRIBUTES_AT, attributesOf(frame))
  view.setInt32(LAST_OFFSET_DELTA_AT, frame.lastOffsetDelta)
  view.setBigInt64(BASE_TIMESTAMP_AT, frame.baseTimestamp)
  view.setBigInt64(MAX_TIMESTAMP_AT, frame.maxTimestamp)
  view.setBigInt64(PRODUCER_ID_AT, frame.producerId ?? NO_PRODUCER_ID)
  view.setInt16(PRODUCER_EPOCH_AT, frame.producerEpoch ?? -1)
  view.setInt32(BASE_SEQUENCE_AT, frame.baseSequence ?? -1)
  view.setInt32(RECORDS_COUNT_AT, frame.recordsCount)
  bytes.set(payload, BATCH_HEADER_BYTES)
  view.setUint32(CRC_AT, crc32c(bytes, ATTRIBUTES_AT))
  return bytes
}
