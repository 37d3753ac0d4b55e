import { producerId, timestamp } from '@odradek/core'
import { type BatchToBuild, buildBatch } from '../batch-builder.ts'
import { RECORDS_COUNT_AT } from '../batch-header.ts'
import { batchSpansOf, isSpanIntact } from '../batch-spans.ts'
import { buildEndTransactionBatch } from '../control-batch.ts'
import { downConvert } from './down-convert.ts'
import { entryAt, unwrapped } from './message-entries.ts'

const limits = { maxDecompressedBytes: 1_000_000 }
const records = [5n, 9n, 7n].map((time, index) => ({
  timestamp: timestamp(time),
  key: index === 0 ? null : Buffer.from(`k${index}`),
  value: index === 2 ? null : Buffer.from(`v${index}`),
  headers: [{ key: Buffer.from('h'), value: Buffer.from('dropped') }],
}))
const batchOf = (more: Partial<BatchToBuild> = {}) => buildBatch({ records, baseOffset: 40, ...more })

const text = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString())

/** What an old client reads: each wrapper or message, and the messages in it. */
function readAll(set: Uint8Array) {
  return [...batchSpansOf(set)].map((span) => {
    expect(isSpanIntact(set, span)).toBe(true)
    const entry = entryAt(set, span.at, span.sizeBytes)
    return {
      offset: entry.offset,
      magic: span.magic,
      codec: entry.message.codec,
      type: entry.message.timestampType,
      inner: unwrapped(entry, limits).map(({ offset, message }) => {
        expect(message.isIntact).toBe(true)
        return [Number(offset), Number(message.timestamp), text(message.key()), text(message.value())]
      }),
    }
  })
}

function converted(batches: Uint8Array, magic: 0 | 1, firstOffset = 0) {
  const result = downConvert(batches, magic, limits, firstOffset)
  if (!result.ok) throw new Error(result.error)
  return readAll(result.records)
}

const contents = (magic: 0 | 1) => [
  [40, magic === 0 ? -1 : 5, null, 'v0'],
  [41, magic === 0 ? -1 : 9, 'k1', 'v1'],
  [42, magic === 0 ? -1 : 7, 'k2', null],
]

test.each([0, 1] as const)('plain records become messages of format %i, one each', (magic) => {
  const type = magic === 0 ? 'NoTimestampType' : 'CreateTime'
  expect(converted(batchOf(), magic)).toEqual(
    contents(magic).map((message) => ({
      offset: BigInt(message[0] as number),
      magic,
      codec: 0,
      type,
      inner: [message],
    })),
  )
})

test.each([
  [0, 'gzip', 1],
  [0, 'snappy', 2],
  [0, 'lz4', 3],
  [1, 'gzip', 1],
  [1, 'snappy', 2],
  [1, 'lz4', 3],
] as const)(
  'in format %i, %s records stay in one wrapper of that codec, with the last offset',
  (magic, compressionType, codec) => {
    const type = magic === 0 ? 'NoTimestampType' : 'CreateTime'
    expect(converted(batchOf({ compressionType }), magic)).toEqual([
      { offset: 42n, magic, codec, type, inner: contents(magic) },
    ])
  },
)

test('offsets with gaps, as compaction leaves them, stay what they are', () => {
  const gaps = records.map((record, index) => ({ ...record, offset: 40 + index * index * 3 }))
  const [wrapper] = converted(batchOf({ records: gaps, compressionType: 'gzip' }), 1)
  expect(wrapper).toMatchObject({ offset: 52n })
  expect(wrapper!.inner.map(([offset]) => offset)).toEqual([40, 43, 52])
})

test.each(['none', 'gzip'] as const)('log-append time goes to every message (%s)', (compressionType) => {
  const found = converted(batchOf({ compressionType, logAppendTime: timestamp(1234n) }), 1)
  expect(found.every(({ type }) => type === 'LogAppendTime')).toBe(true)
  expect(found.flatMap(({ inner }) => inner.map(([, time]) => time))).toEqual([1234, 1234, 1234])
})

test('plain records before the offset asked for are left out, those in a wrapper stay', () => {
  expect(converted(batchOf(), 1, 42).map(({ offset }) => offset)).toEqual([42n])
  expect(converted(batchOf({ compressionType: 'lz4' }), 1, 42)[0]!.inner).toHaveLength(3)
})

test('control batches and emptied batches are left out', () => {
  const marker = buildEndTransactionBatch({
    ...{ outcome: 'commit', coordinatorEpoch: 1, producerEpoch: 0 },
    producerId: producerId(7n),
    timestamp: timestamp(1n),
  })
  const empty = batchOf({ records: [], lastOffsetDelta: 3 })
  expect(converted(Buffer.concat([marker, empty, batchOf()]), 0)).toHaveLength(3)
  expect(converted(marker, 0)).toEqual([])
})

test('a batch that is cut at the end is left out', () => {
  expect(converted(Buffer.concat([batchOf(), batchOf().subarray(0, 70)]), 1)).toHaveLength(3)
})

test('zstd has no old form', () => {
  const batches = Buffer.concat([batchOf(), batchOf({ compressionType: 'zstd' })])
  expect(downConvert(batches, 1, limits, 0)).toEqual({ ok: false, error: 'UNSUPPORTED_COMPRESSION_TYPE' })
})

test('a batch that cannot be opened, or not within the limit, is an error', () => {
  const batch = Buffer.from(batchOf({ compressionType: 'gzip' }))
  expect(downConvert(batch, 1, { maxDecompressedBytes: 10 }, 0)).toEqual({ ok: false, error: 'INVALID_RECORD' })
  batch.fill(0xff, 61)
  expect(downConvert(batch, 1, limits, 0)).toEqual({ ok: false, error: 'UNKNOWN_SERVER_ERROR' })
})

test('ends before the batch that would make it more than a million records', () => {
  // A count that is not true shows, by the error, that its batch was opened.
  const claiming = (recordsCount: number) => {
    const batch = Buffer.from(batchOf({ baseOffset: 43 }))
    batch.writeInt32BE(recordsCount, RECORDS_COUNT_AT)
    return downConvert(Buffer.concat([batchOf(), batch]), 1, limits, 0)
  }
  expect(claiming(999_997)).toEqual({ ok: false, error: 'INVALID_RECORD' })
  expect(claiming(999_998)).toEqual(downConvert(batchOf(), 1, limits, 0))
})
