import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Prng, timestamp, type WallMs } from '@odradek/core'
import {
  ATTRIBUTES_AT,
  BATCH_HEADER_BYTES,
  CRC_AT,
  codecOf,
  LENGTH_AT,
  LOG_OVERHEAD_BYTES,
  readAttributes,
} from './batch-header.ts'
import { codecFor } from './compression/codecs.ts'
import { crc32c } from './crc32c.ts'
import { downConvert } from './message-set/down-convert.ts'
import { checkProduceRequest } from './produce/check-request.ts'
import type { ProduceRules } from './produce/produce-rules.ts'
import { validateProduced } from './produce/validate-produced.ts'
import { RecordsError } from './records-error.ts'
import { firstRecordAtOrAfter, maxTimestampOf } from './time-search.ts'
import { describeRecords } from './vectors/describe-records.ts'
import { bytesOf, parseRecordLine } from './vectors/record-line.ts'

export const FUZZ_LIMITS = { maxDecompressedBytes: 1 << 20 }
const VECTORS = resolve(process.cwd(), 'packages/records/vectors/records.ndjson.gz')
const ORIGINAL_BYTES_MAX = 4000
const NOW = 1_760_000_100_000 as WallMs
const TYPES = ['gzip', 'snappy', 'lz4', 'zstd'] as const

/** Spoilt record batches through all that looks into one: whatever the bytes, a value or a RecordsError. */
export class BatchFuzz {
  private readonly prng: Prng
  private readonly originals: readonly Uint8Array[]
  private readonly compressed: readonly Uint8Array[]

  constructor(prng: Prng) {
    this.prng = prng
    this.originals = gunzipSync(readFileSync(VECTORS))
      .toString()
      .trim()
      .split('\n')
      .map((text) => bytesOf(parseRecordLine(text)))
      .filter(({ length }) => length > 0 && length < ORIGINAL_BYTES_MAX)
    this.compressed = this.originals.filter(
      (bytes) =>
        bytes.length > BATCH_HEADER_BYTES &&
        bytes[16] === 2 &&
        [1, 2, 3, 4].includes(codecOf(readAttributes(bytes, 0))),
    )
  }

  /** With bytes changed, true checksums or not. Anything that is thrown is a bug. */
  changed(): void {
    const bytes = mutated(this.prng, pick(this.prng, this.originals), this.prng.below(2) === 0 ? 0 : ATTRIBUTES_AT)
    this.exercise(bytes[16] === 2 && this.prng.below(4) > 0 ? sealed(bytes) : bytes)
  }

  /** The same, but changed before it was compressed. */
  changedInside(): void {
    const original = pick(this.prng, this.compressed)
    const type = TYPES[codecOf(readAttributes(original, 0)) - 1] ?? 'gzip'
    const codec = codecFor(type, 2)
    tolerate(() => {
      const plain = codec.decompress(original.subarray(BATCH_HEADER_BYTES), FUZZ_LIMITS.maxDecompressedBytes)
      const payload = codec.compress(mutated(this.prng, plain, 0))
      this.exercise(sealed(Buffer.concat([original.subarray(0, BATCH_HEADER_BYTES), payload])))
    })
  }

  private exercise(bytes: Buffer): void {
    const version = bytes[16] === 2 ? 9 : this.prng.below(3)
    describeRecords(bytes)
    downConvert(bytes, 1, FUZZ_LIMITS, 0)
    if (
      bytes.length >= BATCH_HEADER_BYTES &&
      bytes[16] === 2 &&
      bytes.readInt32BE(LENGTH_AT) + LOG_OVERHEAD_BYTES === bytes.length
    ) {
      tolerate(() => firstRecordAtOrAfter(bytes, timestamp(BigInt(NOW)), FUZZ_LIMITS))
      tolerate(() => maxTimestampOf(bytes, FUZZ_LIMITS))
    }
    if (checkProduceRequest(bytes, version) === null) validateProduced(bytes, version, rulesFor(this.prng), NOW)
  }
}

export function mutated(prng: Prng, bytes: Uint8Array, from: number): Buffer {
  let copy = Buffer.from(bytes)
  for (let count = 1 + prng.below(3); count > 0 && copy.length > from; count--) {
    const at = from + prng.below(copy.length - from)
    const kind = prng.below(6)
    if (kind < 3) copy[at] = prng.below(256)
    else if (kind === 3) copy = Buffer.concat([copy.subarray(0, at), prng.bytes(1 + prng.below(4)), copy.subarray(at)])
    else if (kind === 4) copy = Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1)])
    else copy = Buffer.from(copy.subarray(0, at))
  }
  return copy
}

/** Lets RecordsErrors pass, and nothing else. */
export function tolerate(work: () => unknown): void {
  try {
    work()
  } catch (thrown) {
    if (!(thrown instanceof RecordsError)) throw thrown
  }
}

/** With length and checksum made true again, so that the fault is found deeper inside. */
function sealed(batch: Buffer): Buffer {
  if (batch.length < BATCH_HEADER_BYTES) return batch
  batch.writeInt32BE(batch.length - LOG_OVERHEAD_BYTES, LENGTH_AT)
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT)
  return batch
}

function rulesFor(prng: Prng): ProduceRules {
  return {
    maxMessageBytes: 1_048_588,
    compressionType: pick(prng, ['producer', 'producer', 'uncompressed', ...TYPES]),
    compressionLevels: { gzip: -1, lz4: 9, zstd: 3 },
    timestampType: pick(prng, ['CreateTime', 'LogAppendTime']),
    timestampBeforeMaxMs: pick(prng, [2n ** 63n - 1n, 1000n]),
    timestampAfterMaxMs: pick(prng, [3_600_000n, 0n]),
    isCompacted: prng.below(2) === 0,
    validation: pick(prng, ['batch', 'full']),
    ...FUZZ_LIMITS,
  }
}

function pick<T>(prng: Prng, values: readonly T[]): T {
  const value = values[prng.below(values.length)]
  if (value === undefined) throw new Error('nothing to pick from')
  return value
}
