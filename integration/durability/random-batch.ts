import { type Prng, type ProducerId, timestamp } from '@odradek/core'
import { type BatchToBuild, buildBatch } from '@odradek/records'
import { batchDigest, recordDigest } from './history.ts'

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
/** Of 100 batches, how many hold one record around and beyond the size up to which the log copies a batch. */
const LARGE_PERCENT = 4
const LARGE_BYTES_MAX = 40_000
const VALUE_BYTES_MAX = 600
const RECORDS_MAX = 12

export interface ProducerIdentity {
  readonly producerId: ProducerId
  readonly producerEpoch: number
}

export interface RandomBatch {
  readonly bytes: Uint8Array
  readonly records: readonly string[]
  readonly batch: string
}

/** Half of it can be compressed. */
function payload(prng: Prng, id: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(size, 'abcdefgh')
  bytes.set(prng.bytes(Math.min(size, 64)))
  bytes.write(id)
  return bytes
}

function sizeOf(prng: Prng): readonly [records: number, valueBytes: number] {
  if (prng.below(100) < LARGE_PERCENT) return [1, 10_000 + prng.below(LARGE_BYTES_MAX)]
  return [1 + prng.below(RECORDS_MAX), 40 + prng.below(VALUE_BYTES_MAX)]
}

/** A batch of which each record is the only one of its kind, named by `id`. */
export function randomBatch(
  prng: Prng,
  id: string,
  identity: (ProducerIdentity & { readonly baseSequence: number }) | null,
  nowMs: number,
): RandomBatch {
  const [count, valueBytes] = sizeOf(prng)
  const records = Array.from({ length: count }, (_, index) => ({
    timestamp: timestamp(BigInt(nowMs + prng.below(5))),
    key: prng.below(3) === 0 ? null : Buffer.from(`key ${prng.below(100)}`),
    value: payload(prng, `${id}.${index} `, valueBytes),
    headers: prng.below(4) === 0 ? [{ key: Buffer.from('h'), value: prng.bytes(prng.below(9)) }] : [],
  }))
  const batch: BatchToBuild = { records, compressionType: CODECS[prng.below(CODECS.length)] ?? 'none', ...identity }
  const bytes = buildBatch(batch)
  return { bytes, records: records.map(recordDigest), batch: batchDigest(bytes) }
}
