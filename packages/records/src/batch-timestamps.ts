import { requireBytes, setInt16At, setInt32At, setInt64At, type Timestamp } from '@odradek/core'
import {
  ATTRIBUTES_AT,
  type BatchHeader,
  CRC_AT,
  KNOWN_ATTRIBUTES,
  LOG_APPEND_TIME_BIT,
  MAX_TIMESTAMP_AT,
} from './batch-header.ts'
import { crc32c } from './crc32c.ts'

/**
 * Writes timestamp type and maximum timestamp into the header of `batch`, and the checksum that follows from them; the
 * records stay. Where both are there already nothing changes, so a truthful producer's checksum is kept. A change drops
 * attribute bits without a meaning, as in Kafka.
 */
export function setBatchTimestamps(
  batch: Uint8Array,
  header: BatchHeader,
  timestampType: 'CreateTime' | 'LogAppendTime',
  maxTimestamp: Timestamp,
): BatchHeader {
  if (header.timestampType === timestampType && header.maxTimestamp === maxTimestamp) return header
  const kept = header.attributes & KNOWN_ATTRIBUTES & ~LOG_APPEND_TIME_BIT
  const attributes = timestampType === 'LogAppendTime' ? kept | LOG_APPEND_TIME_BIT : kept
  requireBytes(batch, 0, header.sizeBytes)
  setInt16At(batch, ATTRIBUTES_AT, attributes)
  setInt64At(batch, MAX_TIMESTAMP_AT, maxTimestamp)
  const crc = crc32c(batch, ATTRIBUTES_AT, header.sizeBytes)
  setInt32At(batch, CRC_AT, crc)
  return { ...header, attributes, timestampType, maxTimestamp, crc }
}
