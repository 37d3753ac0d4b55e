import { timestamp } from '@odradek/core'
import { buildBatch, codecFor } from '@odradek/records'

/** For the records of Produce: in each codec, two at once and none. */
export function fuzzBatches(): Uint8Array[] {
  const records = Array.from({ length: 3 }, (_, index) => ({
    timestamp: timestamp(BigInt(Date.now())),
    key: Buffer.from(`k${index}`),
    value: Buffer.alloc(50, index),
    headers: [],
  }))
  const plain = Buffer.from(buildBatch({ records }))
  const compressed = (['gzip', 'snappy', 'lz4', 'zstd'] as const).map((type, index) => {
    const batch = Buffer.concat([plain.subarray(0, 61), codecFor(type, 2).compress(plain.subarray(61))])
    batch.writeInt32BE(batch.length - 12, 8)
    batch.writeInt16BE(index + 1, 21)
    return batch
  })
  return [plain, ...compressed, Buffer.concat([plain, plain]), Buffer.alloc(0)]
}
