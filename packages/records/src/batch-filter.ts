import { NO_TIMESTAMP, type Timestamp, timestamp } from '@odradek/core'
import { type BatchFrame, sealBatch } from './batch-builder.ts'
import type { BatchHeader } from './batch-header.ts'
import { type DecompressionLimits, openBatch } from './batch-records.ts'
import { compressionTypeOf } from './compression/codecs.ts'
import type { RecordScanner } from './record-scanner.ts'

/** Bytes that a rewritten record may be longer by: its timestamp delta may grow from one byte to ten, its length by one. */
const RECORD_GROWTH_BYTES_MAX = 10
const NO_BYTES = new Uint8Array(0)
/** Exact as numbers, sums and doubles included. */
const SMALL_VARLONG_BYTES = 6
const SMALL_SHIFT = 1n << 44n

/** What compaction wants of one batch. */
export interface BatchPlan {
  /** Whether the record that `scanner` has just read stays. */
  keeps(scanner: RecordScanner, header: BatchHeader): boolean
  /** Keeps the header of a batch without records: it tells a producer's last sequence, or where the log ends. */
  readonly keepsEmpty: boolean
  /** A marker whose transaction has no records left waits for its end as a tombstone does. (KIP-534) */
  readonly isMarkerOfEmptyTransaction: boolean
  /** For batches with tombstones that have no delete horizon yet. */
  readonly deleteHorizonMs: Timestamp
}

/** `original`: no byte changes. `dropped`: nothing is left. */
export type FilteredBatch = 'original' | 'dropped' | Uint8Array

interface Kept {
  count: number
  /** The delta is to the old base timestamp. */
  firstDelta: number | bigint
  maxDelta: number | bigint
  hasTombstones: boolean
}

/**
 * Takes records out of batches as Kafka's log cleaner does: offsets, sequences, headers and codec stay; base and maximum
 * timestamp become those of what is left. Holds buffers that it uses again.
 */
export class BatchFilter {
  private readonly limits: DecompressionLimits
  /** Start and end of each record that stays. */
  private spans: Int32Array = new Int32Array(1024)
  private scratch: Buffer = Buffer.allocUnsafe(64 * 1024)

  constructor(limits: DecompressionLimits) {
    this.limits = limits
  }

  /**
   * Filters the one batch in `batch`.
   * @throws RecordsError when it cannot be opened.
   */
  filter(batch: Uint8Array, header: BatchHeader, plan: BatchPlan): FilteredBatch {
    const scanner = header.recordsCount === 0 ? null : openBatch(batch, header, this.limits)
    const kept = scanner === null ? nothing() : this.choose(scanner, header, plan)
    if (kept.count === 0 || scanner === null) return plan.keepsEmpty ? emptied(batch, header) : 'dropped'
    const needsHorizon = (kept.hasTombstones || plan.isMarkerOfEmptyTransaction) && !header.hasDeleteHorizon
    if (kept.count === header.recordsCount && !needsHorizon) return 'original'
    return this.rewrite(scanner, header, kept, needsHorizon ? plan.deleteHorizonMs : null)
  }

  private choose(scanner: RecordScanner, header: BatchHeader, plan: BatchPlan): Kept {
    const kept = nothing()
    for (let index = 0; index < header.recordsCount; index++) {
      const from = scanner.cursor.at
      scanner.read()
      if (!plan.keeps(scanner, header)) continue
      const { timestampDelta } = scanner
      if (kept.count === 0) kept.firstDelta = timestampDelta
      if (kept.count === 0 || timestampDelta > kept.maxDelta) kept.maxDelta = timestampDelta
      if (scanner.valueLength < 0) kept.hasTombstones = true
      this.noteSpan(kept.count++, from, scanner.cursor.at)
    }
    scanner.expectEnd()
    return kept
  }

  private noteSpan(index: number, from: number, to: number): void {
    if (index * 2 >= this.spans.length) {
      const larger = new Int32Array(this.spans.length * 2)
      larger.set(this.spans)
      this.spans = larger
    }
    this.spans[index * 2] = from
    this.spans[index * 2 + 1] = to
  }

  private rewrite(scanner: RecordScanner, header: BatchHeader, kept: Kept, horizonMs: Timestamp | null): Uint8Array {
    const isAppendTime = header.timestampType === 'LogAppendTime'
    const timeOf = (delta: number | bigint) =>
      isAppendTime ? header.maxTimestamp : BigInt.asIntN(64, header.baseTimestamp + BigInt(delta))
    const oldHorizon = header.hasDeleteHorizon ? header.baseTimestamp : null
    const deleteHorizonMs = horizonMs ?? oldHorizon
    const baseTimestamp = timestamp(deleteHorizonMs ?? timeOf(kept.firstDelta))
    const shift = header.baseTimestamp - baseTimestamp
    // With log-append time every record has the same.
    const fixedDelta = isAppendTime ? Number(header.maxTimestamp - baseTimestamp) : null
    const plain = this.copyRecords(scanner.bytes, kept.count, shift, fixedDelta)
    return sealBatch(plain, {
      ...frameOf(header),
      compressionType: compressionTypeOf(header.codec),
      baseTimestamp,
      maxTimestamp: timestamp(timeOf(kept.maxDelta)),
      recordsCount: kept.count,
      ...(deleteHorizonMs === null ? {} : { deleteHorizonMs }),
    })
  }

  private copyRecords(bytes: Uint8Array, count: number, shift: bigint, fixedDelta: number | null): Uint8Array {
    let neededBytes = count * RECORD_GROWTH_BYTES_MAX
    for (let index = 0; index < count; index++) {
      neededBytes += (this.spans[index * 2 + 1] ?? 0) - (this.spans[index * 2] ?? 0)
    }
    if (this.scratch.byteLength < neededBytes) this.scratch = Buffer.allocUnsafe(neededBytes * 2)
    let at = 0
    for (let index = 0; index < count; index++) {
      const from = this.spans[index * 2] ?? 0
      const to = this.spans[index * 2 + 1] ?? 0
      if (shift === 0n && fixedDelta === null) {
        this.scratch.set(bytes.subarray(from, to), at)
        at += to - from
      } else at = this.copyRecord(bytes, from, to, shift, fixedDelta, at)
    }
    return this.scratch.subarray(0, at)
  }

  /** Writes the record with another timestamp delta: its length changes with it, nothing else. */
  private copyRecord(
    bytes: Uint8Array,
    from: number,
    to: number,
    shift: bigint,
    fixedDelta: number | null,
    at: number,
  ): number {
    // Length, attributes, timestamp delta; what follows stays as it is.
    const attributesAt = afterVarint(bytes, from)
    const restAt = afterVarint(bytes, attributesAt + 1)
    const zigzag = fixedDelta === null ? shifted(bytes, attributesAt + 1, restAt, shift) : zigzagOf(BigInt(fixedDelta))
    const restBytes = to - restAt
    let end = writeUnsigned(this.scratch, at, (1 + unsignedBytes(zigzag) + restBytes) * 2)
    this.scratch[end++] = bytes[attributesAt] ?? 0
    end = writeUnsigned(this.scratch, end, zigzag)
    this.scratch.set(bytes.subarray(restAt, to), end)
    return end + restBytes
  }
}

const nothing = (): Kept => ({ count: 0, firstDelta: 0, maxDelta: 0, hasTombstones: false })

/** What stays of a header, whatever becomes of its records. */
function frameOf(header: BatchHeader): Omit<BatchFrame, 'baseTimestamp' | 'maxTimestamp' | 'recordsCount'> {
  const { baseOffset, partitionLeaderEpoch, producerId, producerEpoch, baseSequence } = header
  const { isTransactional, isControl, lastOffsetDelta } = header
  return {
    ...{ baseOffset, partitionLeaderEpoch, producerId, producerEpoch, baseSequence },
    ...{ isTransactional, isControl, lastOffsetDelta },
    ...(header.timestampType === 'LogAppendTime' ? { logAppendTime: header.maxTimestamp } : {}),
  }
}

/** The header alone, without codec and delete horizon, as Kafka leaves it. */
function emptied(batch: Uint8Array, header: BatchHeader): FilteredBatch {
  const bytes = sealBatch(NO_BYTES, {
    ...frameOf(header),
    baseTimestamp: NO_TIMESTAMP,
    maxTimestamp: header.maxTimestamp,
    recordsCount: 0,
  })
  return Buffer.compare(batch, bytes) === 0 ? 'original' : bytes
}

function afterVarint(bytes: Uint8Array, at: number): number {
  let end = at
  while ((bytes[end] ?? 0) >= 0x80) end++
  return end + 1
}

function readVarlong(bytes: Uint8Array, at: number, end: number): bigint {
  let raw = 0n
  for (let from = end - 1; from >= at; from--) raw = (raw << 7n) | BigInt((bytes[from] ?? 0) & 0x7f)
  raw = BigInt.asUintN(64, raw)
  return (raw >> 1n) ^ -(raw & 1n)
}

const zigzagOf = (value: bigint): number | bigint => {
  const zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  return zigzag <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(zigzag) : zigzag
}

/** The zigzag form of a varlong and `shift` together; without bigints where time is counted in years. */
function shifted(bytes: Uint8Array, at: number, end: number, shift: bigint): number | bigint {
  const isSmall = end - at <= SMALL_VARLONG_BYTES && shift < SMALL_SHIFT && shift > -SMALL_SHIFT
  if (!isSmall) return zigzagOf(BigInt.asIntN(64, readVarlong(bytes, at, end) + shift))
  let raw = 0
  for (let from = end - 1; from >= at; from--) raw = raw * 128 + ((bytes[from] ?? 0) & 0x7f)
  const delta = (raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2) + Number(shift)
  return delta >= 0 ? delta * 2 : -delta * 2 - 1
}

function unsignedBytes(value: number | bigint): number {
  let count = 1
  if (typeof value === 'bigint') for (let rest = value >> 7n; rest > 0n; rest >>= 7n) count++
  else for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) count++
  return count
}

function writeUnsigned(target: Uint8Array, at: number, value: number | bigint): number {
  let end = at
  let rest = value
  if (typeof rest === 'bigint') {
    for (; rest >= 0x80n; rest >>= 7n) target[end++] = Number(rest & 0x7fn) | 0x80
    target[end++] = Number(rest)
    return end
  }
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) target[end++] = (rest % 128) | 0x80
  target[end++] = rest
  return end
}
