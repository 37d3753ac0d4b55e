import { BATCH_HEADER_BYTES } from '@odradek/records'

// Reading single fields of a batch in a buffer: scanning a segment must not decode, and allocate, whole headers.

const LENGTH_AT = 8
const LEADER_EPOCH_AT = 12
const MAGIC_AT = 16
const ATTRIBUTES_AT = 21
const LAST_OFFSET_DELTA_AT = 23
const MAX_TIMESTAMP_AT = 35
const PRODUCER_ID_AT = 43
const RECORDS_COUNT_AT = 57
const LOG_OVERHEAD_BYTES = 12
const CODEC_MASK = 0b111
const LOG_APPEND_TIME_BIT = 1 << 3
const CONTROL_BIT = 1 << 5

export function baseOffsetAt(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4_294_967_296 + bytes.readUInt32BE(at + 4)
}

export function lastOffsetAt(bytes: Buffer, at: number): number {
  return baseOffsetAt(bytes, at) + bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT)
}

export function sizeAt(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at + LENGTH_AT) + LOG_OVERHEAD_BYTES
}

export function leaderEpochAt(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at + LEADER_EPOCH_AT)
}

export function maxTimestampAt(bytes: Buffer, at: number): bigint {
  return bytes.readBigInt64BE(at + MAX_TIMESTAMP_AT)
}

/** A negative producer id means none; only its sign is looked at. */
export function hasProducerAt(bytes: Buffer, at: number): boolean {
  return bytes.readInt8(at + PRODUCER_ID_AT) >= 0
}

export function isControlAt(bytes: Buffer, at: number): boolean {
  return (bytes.readInt16BE(at + ATTRIBUTES_AT) & CONTROL_BIT) !== 0
}

/** Whether produce has looked at every record's timestamp, or the maximum is what all records have by definition. */
export function isMaxTimestampTrustedAt(bytes: Buffer, at: number): boolean {
  const attributes = bytes.readInt16BE(at + ATTRIBUTES_AT)
  return (attributes & CODEC_MASK) === 0 || (attributes & LOG_APPEND_TIME_BIT) !== 0
}

/** Whether a batch of format 2 can begin here. All of the header must be there; its checksum is another matter. */
export function isHeaderAt(bytes: Buffer, at: number): boolean {
  return (
    bytes.readInt8(at + MAGIC_AT) === 2 &&
    sizeAt(bytes, at) >= BATCH_HEADER_BYTES &&
    bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT) >= 0 &&
    bytes.readInt32BE(at + RECORDS_COUNT_AT) >= 0 &&
    bytes.readInt32BE(at) >= 0
  )
}
