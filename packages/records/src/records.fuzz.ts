import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { SeededPrng, timestamp, type WallMs } from '@odradek/core'
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

/** SEED=… repeats a run, FUZZ_MS=… makes it longer. Whatever the bytes: a value or a RecordsError, soon, and no memory. */
const seed = Number(process.env['SEED'] ?? process.pid)
const fuzzMs = Number(process.env['FUZZ_MS'] ?? 250)
const limits = { maxDecompressedBytes: 1 << 20 }
/** However slow the machine is. */
const ROUNDS_MIN = 100
const NOW = 1_760_000_100_000 as WallMs

const originals = gunzipSync(readFileSync(join(__dirname, '../vectors/records.ndjson.gz')))
  .toString()
  .trim()
  .split('\n')
  .map((text) => bytesOf(parseRecordLine(text)))
  .filter(({ length }) => length > 0 && length < 4000)

function mutated(prng: SeededPrng, bytes: Uint8Array, from: number): Buffer {
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

/** With length and checksum made true again, so that the fault is found deeper inside. */
function sealed(batch: Buffer): Buffer {
  if (batch.length < BATCH_HEADER_BYTES) return batch
  batch.writeInt32BE(batch.length - LOG_OVERHEAD_BYTES, LENGTH_AT)
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT), CRC_AT)
  return batch
}

function rulesFor(prng: SeededPrng): ProduceRules {
  const pick = <T>(values: readonly T[]): T => values[prng.below(values.length)]!
  return {
    maxMessageBytes: 1_048_588,
    compressionType: pick(['producer', 'producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd']),
    compressionLevels: { gzip: -1, lz4: 9, zstd: 3 },
    timestampType: pick(['CreateTime', 'LogAppendTime']),
    timestampBeforeMaxMs: pick([2n ** 63n - 1n, 1000n]),
    timestampAfterMaxMs: pick([3_600_000n, 0n]),
    isCompacted: prng.below(2) === 0,
    validation: pick(['batch', 'full']),
    ...limits,
  }
}

/** Lets RecordsErrors pass, and nothing else. */
function tolerate(work: () => unknown): void {
  try {
    work()
  } catch (thrown) {
    if (!(thrown instanceof RecordsError)) throw thrown
  }
}

function exercise(prng: SeededPrng, bytes: Buffer): void {
  const version = bytes[16] === 2 ? 9 : prng.below(3)
  describeRecords(bytes)
  downConvert(bytes, 1, limits, 0)
  if (
    bytes.length >= BATCH_HEADER_BYTES &&
    bytes[16] === 2 &&
    bytes.readInt32BE(LENGTH_AT) + LOG_OVERHEAD_BYTES === bytes.length
  ) {
    tolerate(() => firstRecordAtOrAfter(bytes, timestamp(BigInt(NOW)), limits))
    tolerate(() => maxTimestampOf(bytes, limits))
  }
  if (checkProduceRequest(bytes, version) === null) validateProduced(bytes, version, rulesFor(prng), NOW)
}

function forAWhile(work: (prng: SeededPrng) => void): void {
  const prng = new SeededPrng(seed)
  const until = Date.now() + fuzzMs
  for (let rounds = 0; rounds < ROUNDS_MIN || Date.now() < until; rounds++) work(prng)
}

test(`batches and messages with bytes changed, true checksums or not (SEED=${seed})`, () => {
  forAWhile((prng) => {
    const original = originals[prng.below(originals.length)]!
    const bytes = mutated(prng, original, prng.below(2) === 0 ? 0 : ATTRIBUTES_AT)
    exercise(prng, bytes[16] === 2 && prng.below(4) > 0 ? sealed(bytes) : bytes)
  })
})

test(`records changed before they were compressed (SEED=${seed})`, () => {
  const compressed = originals.filter(
    (bytes) =>
      bytes.length > BATCH_HEADER_BYTES && bytes[16] === 2 && [1, 2, 3, 4].includes(codecOf(readAttributes(bytes, 0))),
  )
  const types = ['gzip', 'snappy', 'lz4', 'zstd'] as const
  forAWhile((prng) => {
    const original = compressed[prng.below(compressed.length)]!
    const codec = codecFor(types[codecOf(readAttributes(original, 0)) - 1]!, 2)
    tolerate(() => {
      const plain = codec.decompress(original.subarray(BATCH_HEADER_BYTES), limits.maxDecompressedBytes)
      const payload = codec.compress(mutated(prng, plain, 0))
      exercise(prng, sealed(Buffer.concat([original.subarray(0, BATCH_HEADER_BYTES), payload])))
    })
  })
})

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  `%s: junk, and good payloads with bytes changed (SEED=${seed})`,
  (type) => {
    const codec = codecFor(type, 2)
    const good = Buffer.from(codec.compress(Buffer.alloc(70_000, 'some bytes that repeat themselves, ')))
    forAWhile((prng) => {
      const junk =
        prng.below(3) === 0
          ? Buffer.concat([good.subarray(0, prng.below(12)), prng.bytes(prng.below(200))])
          : mutated(prng, good, 0)
      tolerate(() => {
        expect(codec.decompress(junk, limits.maxDecompressedBytes).length).toBeLessThanOrEqual(
          limits.maxDecompressedBytes,
        )
      })
    })
    expect(codec.decompress(good, 70_000)).toHaveLength(70_000)
  },
)
