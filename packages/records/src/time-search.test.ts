import { type Timestamp, timestamp } from '@odradek/core'
import { buildBatch } from './batch-builder.ts'
import { MAX_TIMESTAMP_AT } from './batch-header.ts'
import type { CompressionType } from './compression/codecs.ts'
import { RecordsError } from './records-error.ts'
import { firstRecordAtOrAfter, maxTimestampOf } from './time-search.ts'

const limits = { maxDecompressedBytes: 1000 }
const record = (time: bigint) => ({ timestamp: timestamp(time), key: null, value: Buffer.from('v') })
const batchOf = (times: readonly bigint[], compressionType: CompressionType = 'none', logAppendTime?: Timestamp) =>
  buildBatch({
    records: times.map(record),
    baseOffset: 100,
    compressionType,
    ...(logAppendTime === undefined ? {} : { logAppendTime }),
  })

describe.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('%s', (codec) => {
  const batch = batchOf([50n, 70n, 60n, 70n], codec)

  test.each([
    [0n, { offset: 100, timestamp: 50n }],
    [50n, { offset: 100, timestamp: 50n }],
    [51n, { offset: 101, timestamp: 70n }],
    [70n, { offset: 101, timestamp: 70n }],
    [71n, null],
  ])('the first record at or after %i', (time, found) => {
    expect(firstRecordAtOrAfter(batch, timestamp(time), limits)).toEqual(found)
  })

  test('records before the offset asked for do not count', () => {
    expect(firstRecordAtOrAfter(batch, timestamp(51n), limits, 102)).toEqual({ offset: 102, timestamp: 60n })
    expect(firstRecordAtOrAfter(batch, timestamp(65n), limits, 102)).toEqual({ offset: 103, timestamp: 70n })
    expect(firstRecordAtOrAfter(batch, timestamp(0n), limits, 104)).toBeNull()
  })

  test('the first of the records with the largest timestamp', () => {
    expect(maxTimestampOf(batch, limits)).toEqual({ offset: 101, timestamp: 70n })
  })
})

test('a header that says too little misses no record', () => {
  const batch = Buffer.from(batchOf([50n, 70n], 'zstd'))
  batch.writeBigInt64BE(10n, MAX_TIMESTAMP_AT)
  expect(firstRecordAtOrAfter(batch, timestamp(60n), limits)).toEqual({ offset: 101, timestamp: 70n })
  expect(maxTimestampOf(batch, limits)).toEqual({ offset: 101, timestamp: 70n })
})

test('with log-append time every record has that', () => {
  const batch = batchOf([50n, 70n], 'gzip', timestamp(1000n))
  expect(firstRecordAtOrAfter(batch, timestamp(1000n), limits)).toEqual({ offset: 100, timestamp: 1000n })
  expect(firstRecordAtOrAfter(batch, timestamp(1001n), limits)).toBeNull()
  expect(maxTimestampOf(batch, limits)).toEqual({ offset: 100, timestamp: 1000n })
})

test('an emptied batch has none', () => {
  const empty = buildBatch({ records: [], lastOffsetDelta: 4, maxTimestamp: timestamp(70n), compressionType: 'none' })
  expect(firstRecordAtOrAfter(empty, timestamp(0n), limits)).toBeNull()
  expect(maxTimestampOf(empty, limits)).toBeNull()
})

test('a batch that unpacks to more than the limit is an error, not a long wait', () => {
  const batch = buildBatch({
    records: [{ timestamp: timestamp(1n), key: null, value: Buffer.alloc(2000) }],
    compressionType: 'gzip',
  })
  expect(() => firstRecordAtOrAfter(batch, timestamp(0n), limits)).toThrow(RecordsError)
})
