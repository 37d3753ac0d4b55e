import { NO_TIMESTAMP, timestamp } from '@odradek/core'
import { buildBatch, isBatchIntact, readBatchHeader, recordsOf } from './index.ts'

const limits = { maxDecompressedBytes: 1 << 20 }

test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('%s: what is built is read again', (compressionType) => {
  const records = Array.from({ length: 300 }, (_, index) => ({
    timestamp: index === 0 ? NO_TIMESTAMP : timestamp(1_700_000_000_000n + BigInt(index)),
    key: Buffer.from(`key ${index}`),
    value: index === 7 ? null : Buffer.alloc(500, index),
  }))
  const batch = buildBatch({ records, compressionType, baseOffset: 40 })
  const header = readBatchHeader(batch)
  expect(header).toMatchObject({ baseOffset: 40, lastOffsetDelta: 299, recordsCount: 300, sizeBytes: batch.length })
  expect(isBatchIntact(batch, 0, batch.length)).toBe(true)
  const read = [...recordsOf(batch, limits)]
  expect(read.map(({ offset }) => offset)).toEqual(records.map((_, index) => 40 + index))
  for (const [index, record] of read.entries()) {
    expect(record.timestamp).toBe(records[index]!.timestamp)
    expect(Buffer.compare(record.key!, records[index]!.key)).toBe(0)
    if (index === 7) expect(record.value).toBeNull()
    else expect(Buffer.compare(record.value!, records[index]!.value!)).toBe(0)
  }
})
