import { crc32c } from '@odradek/records'
import type { EpochStart } from './leader-epochs.ts'

/** What reading a segment's batch headers would tell; with it a start need not read them. */
export interface SegmentFacts {
  readonly baseOffset: number
  readonly sizeBytes: number
  readonly endOffset: number
  readonly maxTimestamp: bigint
  readonly maxTimestampLastOffset: number
  /** Null in a segment without batches. */
  readonly firstTimestamp: bigint | null
  /** See TimestampFacts; 0 where there are corrections. */
  readonly verifiedBytes: number
  readonly bytesSinceIndexEntry: number
  /** When compaction's records were written; null where the file tells. */
  readonly writtenMs: number | null
  readonly offsetEntries: number
  readonly offsetChecksum: number
  readonly timeEntries: number
  readonly timeChecksum: number
  readonly abortedEntries: number
  readonly abortedChecksum: number
}

/** What a start would otherwise read the log for. */
export interface LogFacts {
  readonly startOffset: number
  /** Of all batches in `segments`, whatever became of leader-epoch-checkpoint. */
  readonly epochs: readonly EpochStart[]
  /** See BatchOrder. */
  readonly denseFrom: number
  /** Offset below which `epochs` has all that there are. */
  readonly knownEnd: number
  readonly segments: readonly SegmentFacts[]
}

// version int16, CRC-32C of all that follows uint32, start offset int64, count of epochs int32, of segments int32,
// offset without gaps int64, end offset int64,
// epochs (epoch int32, start offset int64), segments.

const VERSION = 2
const CHECKSUM_AT = 2
const CHECKSUM_END = 6
const EPOCHS_AT = 38
const EPOCH_BYTES = 12
const SEGMENT_BYTES = 85
/** Stands for no time, which a clock never shows. */
const NO_TIME = -1

export function encodeLogFacts({ startOffset, epochs, denseFrom, knownEnd, segments }: LogFacts): Buffer {
  const bytes = Buffer.alloc(EPOCHS_AT + epochs.length * EPOCH_BYTES + segments.length * SEGMENT_BYTES)
  bytes.writeInt16BE(VERSION, 0)
  let at = writeOffset(bytes, CHECKSUM_END, startOffset)
  at = bytes.writeInt32BE(epochs.length, at)
  at = bytes.writeInt32BE(segments.length, at)
  at = writeOffset(bytes, at, denseFrom)
  at = writeOffset(bytes, at, knownEnd)
  for (const { epoch, startOffset: epochStart } of epochs) {
    at = bytes.writeInt32BE(epoch, at)
    at = writeOffset(bytes, at, epochStart)
  }
  for (const segment of segments) at = writeSegment(bytes, at, segment)
  bytes.writeUInt32BE(crc32c(bytes, CHECKSUM_END), CHECKSUM_AT)
  return bytes
}

/** Null for anything but what `encodeLogFacts` made. */
export function decodeLogFacts(data: Uint8Array): LogFacts | null {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes.byteLength < EPOCHS_AT || bytes.readInt16BE(0) !== VERSION) return null
  if (bytes.readUInt32BE(CHECKSUM_AT) !== crc32c(bytes, CHECKSUM_END)) return null
  const epochCount = bytes.readInt32BE(14)
  const segmentCount = bytes.readInt32BE(18)
  const segmentsAt = EPOCHS_AT + epochCount * EPOCH_BYTES
  if (segmentsAt + segmentCount * SEGMENT_BYTES !== bytes.byteLength) return null
  const epochs: EpochStart[] = []
  for (let at = EPOCHS_AT; at < segmentsAt; at += EPOCH_BYTES) {
    epochs.push({ epoch: bytes.readInt32BE(at), startOffset: readOffset(bytes, at + 4) })
  }
  const segments: SegmentFacts[] = []
  for (let at = segmentsAt; at < bytes.byteLength; at += SEGMENT_BYTES) segments.push(readSegment(bytes, at))
  return {
    startOffset: readOffset(bytes, CHECKSUM_END),
    epochs,
    denseFrom: readOffset(bytes, 22),
    knownEnd: readOffset(bytes, 30),
    segments,
  }
}

function writeSegment(bytes: Buffer, start: number, facts: SegmentFacts): number {
  let at = writeOffset(bytes, start, facts.baseOffset)
  at = writeOffset(bytes, at, facts.endOffset)
  at = bytes.writeBigInt64BE(facts.maxTimestamp, at)
  at = writeOffset(bytes, at, facts.maxTimestampLastOffset)
  at = bytes.writeInt8(facts.firstTimestamp === null ? 0 : 1, at)
  at = bytes.writeBigInt64BE(facts.firstTimestamp ?? 0n, at)
  at = bytes.writeDoubleBE(facts.writtenMs ?? NO_TIME, at)
  // Positions are below 2^32: those in `.index` are int32.
  at = bytes.writeUInt32BE(facts.sizeBytes, at)
  at = bytes.writeUInt32BE(facts.verifiedBytes, at)
  at = bytes.writeUInt32BE(facts.bytesSinceIndexEntry, at)
  at = bytes.writeUInt32BE(facts.offsetEntries, at)
  at = bytes.writeUInt32BE(facts.offsetChecksum, at)
  at = bytes.writeUInt32BE(facts.timeEntries, at)
  at = bytes.writeUInt32BE(facts.timeChecksum, at)
  at = bytes.writeUInt32BE(facts.abortedEntries, at)
  return bytes.writeUInt32BE(facts.abortedChecksum, at)
}

function readSegment(bytes: Buffer, at: number): SegmentFacts {
  const hasFirst = bytes.readInt8(at + 32) === 1
  const writtenMs = bytes.readDoubleBE(at + 41)
  return {
    baseOffset: readOffset(bytes, at),
    endOffset: readOffset(bytes, at + 8),
    maxTimestamp: bytes.readBigInt64BE(at + 16),
    maxTimestampLastOffset: readOffset(bytes, at + 24),
    firstTimestamp: hasFirst ? bytes.readBigInt64BE(at + 33) : null,
    writtenMs: writtenMs === NO_TIME ? null : writtenMs,
    sizeBytes: bytes.readUInt32BE(at + 49),
    verifiedBytes: bytes.readUInt32BE(at + 53),
    bytesSinceIndexEntry: bytes.readUInt32BE(at + 57),
    offsetEntries: bytes.readUInt32BE(at + 61),
    offsetChecksum: bytes.readUInt32BE(at + 65),
    timeEntries: bytes.readUInt32BE(at + 69),
    timeChecksum: bytes.readUInt32BE(at + 73),
    abortedEntries: bytes.readUInt32BE(at + 77),
    abortedChecksum: bytes.readUInt32BE(at + 81),
  }
}

function writeOffset(bytes: Buffer, at: number, offset: number): number {
  return bytes.writeBigInt64BE(BigInt(offset), at)
}

function readOffset(bytes: Buffer, at: number): number {
  return Number(bytes.readBigInt64BE(at))
}
