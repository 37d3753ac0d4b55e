import {
  clampedInt64At,
  int16At,
  int32At,
  int64At,
  type LeaderEpoch,
  leaderEpoch,
  type Offset,
  offsetFromClamped,
  type ProducerId,
  producerId,
  requireBytes,
  setInt32At,
  setSafeInt64At,
  type Timestamp,
  timestamp,
  uint32At,
} from '@odradek/core'
import { crc32c } from './crc32c.ts'

/** Bytes of a format 2 batch before its records. */
export const BATCH_HEADER_BYTES = 61
/** Offset and length fields, which stand before every batch and message of any format and are not counted by the length. */
export const LOG_OVERHEAD_BYTES = 12
/** Where every format has its length and its magic byte. */
export const LENGTH_AT = 8
export const MAGIC_AT = 16

export const LEADER_EPOCH_AT = 12
export const CRC_AT = 17
/** From here on the checksum covers a batch. */
export const ATTRIBUTES_AT = 21
export const LAST_OFFSET_DELTA_AT = 23
export const BASE_TIMESTAMP_AT = 27
export const MAX_TIMESTAMP_AT = 35
export const PRODUCER_ID_AT = 43
export const PRODUCER_EPOCH_AT = 51
export const BASE_SEQUENCE_AT = 53
export const RECORDS_COUNT_AT = 57

export const CODEC_MASK = 0b111
export const LOG_APPEND_TIME_BIT = 1 << 3
export const TRANSACTIONAL_BIT = 1 << 4
export const CONTROL_BIT = 1 << 5
export const DELETE_HORIZON_BIT = 1 << 6
/** The bits that mean something; 7 to 15 are free. */
export const KNOWN_ATTRIBUTES = 0x7f

/** Codec bits 0-2 of a batch's attributes; 5 to 7 are no codec. */
export type CodecId = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

/** The 61 bytes before the records of a format 2 batch, decoded. `sizeBytes` counts the whole batch, header included. */
export interface BatchHeader {
  readonly baseOffset: Offset
  readonly sizeBytes: number
  readonly partitionLeaderEpoch: LeaderEpoch
  readonly crc: number
  readonly attributes: number
  readonly codec: CodecId
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly hasDeleteHorizon: boolean
  readonly lastOffsetDelta: number
  readonly baseTimestamp: Timestamp
  readonly maxTimestamp: Timestamp
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordsCount: number
}

/** The codec bits of `attributes`. */
export function codecOf(attributes: number): CodecId {
  switch (attributes & CODEC_MASK) {
    case 0:
      return 0
    case 1:
      return 1
    case 2:
      return 2
    case 3:
      return 3
    case 4:
      return 4
    case 5:
      return 5
    case 6:
      return 6
    default:
      return 7
  }
}

/**
 * Decodes the header that begins at `at`. Whether it is true is another question: see `batchSizeAt` and `isBatchIntact`.
 * @throws RangeError when fewer than 61 bytes are there.
 */
export function readBatchHeader(bytes: Uint8Array, at = 0): BatchHeader {
  requireBytes(bytes, at, BATCH_HEADER_BYTES)
  const attributes = int16At(bytes, at + ATTRIBUTES_AT)
  return {
    baseOffset: offsetFromClamped(clampedInt64At(bytes, at)),
    sizeBytes: int32At(bytes, at + LENGTH_AT) + LOG_OVERHEAD_BYTES,
    partitionLeaderEpoch: leaderEpoch(int32At(bytes, at + LEADER_EPOCH_AT)),
    crc: uint32At(bytes, at + CRC_AT),
    attributes,
    codec: codecOf(attributes),
    timestampType: (attributes & LOG_APPEND_TIME_BIT) === 0 ? 'CreateTime' : 'LogAppendTime',
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
    hasDeleteHorizon: (attributes & DELETE_HORIZON_BIT) !== 0,
    lastOffsetDelta: int32At(bytes, at + LAST_OFFSET_DELTA_AT),
    baseTimestamp: timestamp(int64At(bytes, at + BASE_TIMESTAMP_AT)),
    maxTimestamp: timestamp(int64At(bytes, at + MAX_TIMESTAMP_AT)),
    producerId: producerId(int64At(bytes, at + PRODUCER_ID_AT)),
    producerEpoch: int16At(bytes, at + PRODUCER_EPOCH_AT),
    baseSequence: int32At(bytes, at + BASE_SEQUENCE_AT),
    recordsCount: int32At(bytes, at + RECORDS_COUNT_AT),
  }
}

/** The base offset as it stands there, which in bytes from outside may be any. */
export function readBaseOffset(bytes: Uint8Array): bigint {
  requireBytes(bytes, 0, 8)
  return int64At(bytes, 0)
}

/** The attributes of the batch of format 2 at `at`, without the rest of its header. */
export const readAttributes = (bytes: Uint8Array, at: number): number =>
  ((bytes[at + ATTRIBUTES_AT] ?? 0) << 8) | (bytes[at + ATTRIBUTES_AT + 1] ?? 0)

/**
 * Bytes that the batch or message at `at` says it has in all; null when not even its length field is there.
 * The field may lie: anything down to -2147483636 can come back.
 */
export function batchSizeAt(bytes: Uint8Array, at: number): number | null {
  if (bytes.length - at < LOG_OVERHEAD_BYTES) return null
  return int32At(bytes, at + LENGTH_AT) + LOG_OVERHEAD_BYTES
}

/** Whether the checksum of the batch at `at` is that of its bytes. `sizeBytes` of them must be there. */
export function isBatchIntact(bytes: Uint8Array, at: number, sizeBytes: number): boolean {
  if (sizeBytes < BATCH_HEADER_BYTES) return false
  requireBytes(bytes, at, sizeBytes)
  return crc32c(bytes, at + ATTRIBUTES_AT, at + sizeBytes) === uint32At(bytes, at + CRC_AT)
}

/** Writes what the log decides into the batch at `at`; the checksum does not cover these two fields. */
export function patchBatch(bytes: Uint8Array, at: number, baseOffset: Offset, epoch: LeaderEpoch): void {
  requireBytes(bytes, at, BATCH_HEADER_BYTES)
  setSafeInt64At(bytes, at, baseOffset)
  setInt32At(bytes, at + LEADER_EPOCH_AT, epoch)
}
