import { crc32c } from '@odradek/records'
import { PRODUCER_BATCHES_MAX, type ProducedBatch, type ProducerEntry, sequenceBefore } from './producer-state.ts'

// Kafka's `.snapshot`, version 1: version int16, CRC-32C of all that follows it uint32, and an array of producers. Kafka's
// has a producer's last batch alone, and Kafka so forgets at a restart which older ones it could recognise. Ours go behind
// the array, within the checksum, where Kafka's readers do not look.

const VERSION = 1
const VERSION_BYTES = 2
const CHECKSUM_END = 6
const COUNT_BYTES = 4
/** id int64, epoch int16, last sequence int32, last offset int64, offset delta int32, timestamp int64, coordinator epoch int32, transaction's first offset int64 */
const ENTRY_BYTES = 46
const OUR_VERSION = 1
const OUR_VERSION_BYTES = 2
/** When it was last seen, float64, and the number of its batches, int8. */
const HISTORY_BYTES = 9
/** last sequence int32, last offset int64, offset delta int32, timestamp int64 */
const BATCH_BYTES = 24
const NONE = -1

/** The bytes of a snapshot of `producers`, in their order. */
export function encodeProducerSnapshot(producers: Iterable<ProducerEntry>): Buffer {
  const entries = [...producers]
  let sizeBytes = CHECKSUM_END + COUNT_BYTES + OUR_VERSION_BYTES
  for (const { batches } of entries) sizeBytes += ENTRY_BYTES + HISTORY_BYTES + batches.length * BATCH_BYTES
  const bytes = Buffer.alloc(sizeBytes)
  bytes.writeInt16BE(VERSION, 0)
  let at = bytes.writeInt32BE(entries.length, CHECKSUM_END)
  for (const entry of entries) at = writeEntry(bytes, at, entry)
  at = bytes.writeInt16BE(OUR_VERSION, at)
  for (const { seenMs, batches } of entries) {
    at = bytes.writeDoubleBE(seenMs, at)
    at = bytes.writeInt8(batches.length, at)
    for (const batch of batches) at = writeBatch(bytes, at, batch, batch.maxTimestamp)
  }
  bytes.writeUInt32BE(crc32c(bytes, CHECKSUM_END), VERSION_BYTES)
  return bytes
}

/** What `encodeProducerSnapshot` was given; null for anything else, also for a snapshot of Kafka's own. */
export function decodeProducerSnapshot(data: Uint8Array): readonly ProducerEntry[] | null {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes.byteLength < CHECKSUM_END + COUNT_BYTES || bytes.readInt16BE(0) !== VERSION) return null
  if (bytes.readUInt32BE(VERSION_BYTES) !== crc32c(bytes, CHECKSUM_END)) return null
  const count = bytes.readInt32BE(CHECKSUM_END)
  const first = CHECKSUM_END + COUNT_BYTES
  let at = first + count * ENTRY_BYTES
  if (count < 0 || at + OUR_VERSION_BYTES > bytes.byteLength || bytes.readInt16BE(at) !== OUR_VERSION) return null
  at += OUR_VERSION_BYTES
  const entries: ProducerEntry[] = []
  for (let index = 0; index < count; index++) {
    if (at + HISTORY_BYTES > bytes.byteLength) return null
    const seenMs = bytes.readDoubleBE(at)
    const batchCount = bytes.readInt8(at + 8)
    at += HISTORY_BYTES
    const endAt = at + batchCount * BATCH_BYTES
    if (batchCount < 0 || batchCount > PRODUCER_BATCHES_MAX || endAt > bytes.byteLength) return null
    const batches: ProducedBatch[] = []
    for (; at < endAt; at += BATCH_BYTES) batches.push(readBatch(bytes, at))
    entries.push(readEntry(bytes, first + index * ENTRY_BYTES, seenMs, batches))
  }
  return at === bytes.byteLength ? entries : null
}

function writeEntry(bytes: Buffer, start: number, entry: ProducerEntry): number {
  let at = bytes.writeBigInt64BE(entry.producerId, start)
  at = bytes.writeInt16BE(entry.producerEpoch, at)
  at = writeBatch(bytes, at, entry.batches.at(-1), entry.lastTimestamp)
  at = bytes.writeInt32BE(entry.coordinatorEpoch, at)
  return bytes.writeBigInt64BE(BigInt(entry.transactionStartOffset), at)
}

function writeBatch(bytes: Buffer, start: number, batch: ProducedBatch | undefined, timestamp: bigint): number {
  let at = bytes.writeInt32BE(batch?.lastSequence ?? NONE, start)
  at = bytes.writeBigInt64BE(BigInt(batch?.lastOffset ?? NONE), at)
  at = bytes.writeInt32BE(batch === undefined ? 0 : batch.lastOffset - batch.baseOffset, at)
  return bytes.writeBigInt64BE(timestamp, at)
}

function readBatch(bytes: Buffer, at: number): ProducedBatch {
  const lastSequence = bytes.readInt32BE(at)
  const lastOffset = Number(bytes.readBigInt64BE(at + 4))
  const offsetDelta = bytes.readInt32BE(at + 12)
  return {
    baseSequence: sequenceBefore(lastSequence, offsetDelta),
    lastSequence,
    baseOffset: lastOffset - offsetDelta,
    lastOffset,
    maxTimestamp: bytes.readBigInt64BE(at + 16),
  }
}

function readEntry(bytes: Buffer, at: number, seenMs: number, batches: readonly ProducedBatch[]): ProducerEntry {
  return {
    producerId: bytes.readBigInt64BE(at),
    producerEpoch: bytes.readInt16BE(at + 8),
    batches,
    lastTimestamp: bytes.readBigInt64BE(at + 26),
    seenMs,
    coordinatorEpoch: bytes.readInt32BE(at + 34),
    transactionStartOffset: Number(bytes.readBigInt64BE(at + 38)),
    endedTransactions: 0,
  }
}
