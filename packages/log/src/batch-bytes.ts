import { int16At, int32At, int64At, producerId, timestamp, uint32At } from '@odradek/core'
import { BATCH_HEADER_BYTES, crc32c } from '@odradek/records'
import type { ProducedFields } from './producer-state.ts'

// Reading single fields of a batch in a buffer, all of whose header is there: scanning a segment must not decode, and allocate,
// whole headers, and Buffer's own methods look at their arguments anew for each field.

const LENGTH_AT = 8
const LEADER_EPOCH_AT = 12
const MAGIC_AT = 16
const CRC_AT = 17
const ATTRIBUTES_AT = 21
const LAST_OFFSET_DELTA_AT = 23
const MAX_TIMESTAMP_AT = 35
const PRODUCER_ID_AT = 43
const PRODUCER_EPOCH_AT = 51
const BASE_SEQUENCE_AT = 53
const RECORDS_COUNT_AT = 57
const LOG_OVERHEAD_BYTES = 12
const CODEC_MASK = 0b111
const LOG_APPEND_TIME_BIT = 1 << 3
const TRANSACTIONAL_BIT = 1 << 4
const CONTROL_BIT = 1 << 5

export function baseOffsetAt(bytes: Buffer, at: number): number {
  return int32At(bytes, at) * 2 ** 32 + uint32At(bytes, at + 4)
}

export function lastOffsetDeltaAt(bytes: Buffer, at: number): number {
  return int32At(bytes, at + LAST_OFFSET_DELTA_AT)
}

export function lastOffsetAt(bytes: Buffer, at: number): number {
  return baseOffsetAt(bytes, at) + lastOffsetDeltaAt(bytes, at)
}

export function sizeAt(bytes: Buffer, at: number): number {
  return int32At(bytes, at + LENGTH_AT) + LOG_OVERHEAD_BYTES
}

export function leaderEpochAt(bytes: Buffer, at: number): number {
  return int32At(bytes, at + LEADER_EPOCH_AT)
}

export function maxTimestampAt(bytes: Buffer, at: number): bigint {
  return int64At(bytes, at + MAX_TIMESTAMP_AT)
}

/** A negative producer id means none; only its sign is looked at. */
export function hasProducerAt(bytes: Buffer, at: number): boolean {
  return int16At(bytes, at + PRODUCER_ID_AT) >= 0
}

export function recordsCountAt(bytes: Buffer, at: number): number {
  return int32At(bytes, at + RECORDS_COUNT_AT)
}

export function producedFieldsAt(bytes: Buffer, at: number): ProducedFields {
  const attributes = int16At(bytes, at + ATTRIBUTES_AT)
  return {
    producerId: producerId(int64At(bytes, at + PRODUCER_ID_AT)),
    producerEpoch: int16At(bytes, at + PRODUCER_EPOCH_AT),
    baseSequence: int32At(bytes, at + BASE_SEQUENCE_AT),
    lastOffsetDelta: lastOffsetDeltaAt(bytes, at),
    maxTimestamp: timestamp(maxTimestampAt(bytes, at)),
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
  }
}

/** Whether the checksum of the batch, all of which is there, is that of its bytes. */
export function isIntactAt(bytes: Buffer, at: number): boolean {
  return crc32c(bytes, at + ATTRIBUTES_AT, at + sizeAt(bytes, at)) === uint32At(bytes, at + CRC_AT)
}

export function isControlAt(bytes: Buffer, at: number): boolean {
  return (int16At(bytes, at + ATTRIBUTES_AT) & CONTROL_BIT) !== 0
}

/** Whether produce has looked at every record's timestamp, or the maximum is what all records have by definition. */
export function isMaxTimestampTrustedAt(bytes: Buffer, at: number): boolean {
  const attributes = int16At(bytes, at + ATTRIBUTES_AT)
  return (attributes & CODEC_MASK) === 0 || (attributes & LOG_APPEND_TIME_BIT) !== 0
}

/** Whether a batch of format 2 can begin here. All of the header must be there; its checksum is another matter. */
export function isHeaderAt(bytes: Buffer, at: number): boolean {
  return (
    bytes[at + MAGIC_AT] === 2 &&
    sizeAt(bytes, at) >= BATCH_HEADER_BYTES &&
    lastOffsetDeltaAt(bytes, at) >= 0 &&
    int32At(bytes, at + RECORDS_COUNT_AT) >= 0 &&
    int32At(bytes, at) >= 0
  )
}
