import { timestamp, type WallMs } from '@odradek/core'
import { isBatchIntact } from '../batch-header.ts'
import { recordsOf } from '../batch-records.ts'
import { type MessageFormat, writeMessageSet } from '../message-set/message-writer.ts'
import type { ProduceRules } from './produce-rules.ts'
import { validateProduced } from './validate-produced.ts'

const NOW = 1_760_000_100_000 as WallMs
const recent = BigInt(NOW) - 1000n
const rules: ProduceRules = {
  maxMessageBytes: 10_000,
  compressionType: 'producer',
  compressionLevels: { gzip: -1, lz4: 9, zstd: 3 },
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: 2n ** 63n - 1n,
  timestampAfterMaxMs: 3_600_000n,
  isCompacted: false,
  maxDecompressedBytes: 100_000,
  validation: 'batch',
}

const messages = [recent, recent + 5n, recent - 5n].map((time, index) => ({
  offset: BigInt(index),
  timestamp: timestamp(time),
  key: index === 1 ? null : Buffer.from(`k${index}`),
  value: Buffer.from(`v${index}`),
}))

const setOf = (format: MessageFormat, list = messages) => Buffer.from(writeMessageSet(list, format))
const judge = (set: Uint8Array, more: Partial<ProduceRules> = {}, version = 2) =>
  validateProduced(set, version, { ...rules, ...more }, NOW)

function accepted(set: Uint8Array, more: Partial<ProduceRules> = {}) {
  const verdict = judge(set, more)
  if (!verdict.ok) throw new Error(verdict.error)
  expect(isBatchIntact(verdict.batch, 0, verdict.batch.length)).toBe(true)
  return verdict
}

const stored = (batch: Uint8Array) =>
  [...recordsOf(batch, rules)].map(({ offset, timestamp: time, key, value }) => [
    ...[offset, time],
    key === null ? null : Buffer.from(key).toString(),
    value === null ? null : Buffer.from(value).toString(),
  ])

const contents = (magic: 0 | 1) =>
  messages.map((message, index) => [
    ...[index, magic === 0 ? -1n : message.timestamp],
    index === 1 ? null : `k${index}`,
    `v${index}`,
  ])

test.each([0, 1] as const)('messages of format %i become one batch of format 2, in their codec', (magic) => {
  for (const [codec, compressionType] of (['none', 'gzip', 'snappy', 'lz4'] as const).entries()) {
    const { batch, header } = accepted(setOf({ magic, compressionType }))
    expect(header).toMatchObject({ codec, recordsCount: 3, lastOffsetDelta: 2, baseOffset: 0 })
    expect(header.maxTimestamp).toBe(magic === 0 ? -1n : recent + 5n)
    expect(stored(batch)).toEqual(contents(magic))
  }
})

test('the offsets of the client count nothing: they are relative, absolute, or a wrapper says 0', () => {
  const wrapped = setOf({ magic: 1, compressionType: 'gzip' })
  const absolute = setOf(
    { magic: 0, compressionType: 'gzip' },
    messages.map((message) => ({ ...message, offset: message.offset + 900n })),
  )
  const zero = Buffer.from(wrapped)
  zero.writeBigInt64BE(0n, 0)
  expect(stored(accepted(wrapped).batch)).toEqual(contents(1))
  expect(stored(accepted(zero).batch)).toEqual(contents(1))
  expect(stored(accepted(absolute).batch)).toEqual(contents(0))
  const tooSmall = Buffer.from(wrapped)
  tooSmall.writeBigInt64BE(1n, 0)
  expect(judge(tooSmall)).toMatchObject({ ok: false, error: 'INVALID_RECORD' })
})

test('the codec of the topic, and its log-append time', () => {
  const { batch, header } = accepted(setOf({ magic: 1, compressionType: 'none' }), {
    compressionType: 'zstd',
    timestampType: 'LogAppendTime',
  })
  expect(header).toMatchObject({ codec: 4, timestampType: 'LogAppendTime', maxTimestamp: BigInt(NOW) })
  expect(stored(batch).map(([, time]) => time)).toEqual([BigInt(NOW), BigInt(NOW), BigInt(NOW)])
})

test('keys and timestamps are judged as in format 2', () => {
  const wrapped = setOf({ magic: 1, compressionType: 'lz4' })
  expect(judge(wrapped, { isCompacted: true })).toMatchObject({
    error: 'INVALID_RECORD',
    recordErrors: [{ batchIndex: 1 }],
  })
  expect(judge(wrapped, { timestampBeforeMaxMs: 1000n })).toMatchObject({
    error: 'INVALID_TIMESTAMP',
    recordErrors: [{ batchIndex: 2 }],
  })
  // Single messages are single batches to Kafka: the first bad one ends it.
  const single = setOf({ magic: 1, compressionType: 'none' })
  expect(judge(single, { timestampBeforeMaxMs: 1000n })).toMatchObject({ recordErrors: [{ batchIndex: 0 }] })
  const claimed = setOf({ magic: 1, compressionType: 'gzip', logAppendTime: timestamp(recent) })
  expect(judge(claimed, { timestampType: 'LogAppendTime' })).toMatchObject({ error: 'INVALID_TIMESTAMP' })
})

test('each message counts against the limit (message.max.bytes), and the batch that comes of them', () => {
  const wrapped = setOf({ magic: 1, compressionType: 'gzip' })
  expect(judge(wrapped, { maxMessageBytes: wrapped.length - 1 })).toMatchObject({
    error: 'MESSAGE_TOO_LARGE',
    logStartKnown: false,
  })
  const { batch } = accepted(wrapped)
  accepted(wrapped, { maxMessageBytes: Math.max(batch.length, wrapped.length) })
  const short = setOf({ magic: 0, compressionType: 'none' }, messages.slice(0, 1))
  expect(short.length).toBeLessThan(61)
  expect(judge(short, { maxMessageBytes: 61 })).toMatchObject({ error: 'MESSAGE_TOO_LARGE' })
})

test('a wrapper must unpack within the limit (odradek.max.decompressed.message.bytes)', () => {
  const set = setOf({ magic: 1, compressionType: 'gzip' }, [{ ...messages[0]!, value: Buffer.alloc(5000) }])
  const bytes = 12 + 22 + 2 + 5000
  accepted(set, { maxDecompressedBytes: bytes })
  expect(judge(set, { maxDecompressedBytes: bytes - 1 })).toMatchObject({ error: 'INVALID_RECORD' })
})

test('nothing whole, several formats, a wrapper among others, a false checksum', () => {
  const plain = setOf({ magic: 1, compressionType: 'none' })
  const wrapped = setOf({ magic: 1, compressionType: 'gzip' })
  const broken = Buffer.from(plain)
  broken[12]! ^= 1
  expect(judge(Buffer.alloc(0))).toMatchObject({ error: 'INVALID_RECORD' })
  expect(judge(plain.subarray(0, 20))).toMatchObject({ error: 'INVALID_RECORD' })
  expect(judge(Buffer.concat([plain, setOf({ magic: 0, compressionType: 'none' })]))).toMatchObject({
    error: 'INVALID_RECORD',
  })
  expect(judge(Buffer.concat([plain, wrapped]))).toMatchObject({ error: 'INVALID_RECORD' })
  expect(judge(broken)).toMatchObject({ error: 'CORRUPT_MESSAGE', logStartKnown: false })
  // A last message that is cut is left out.
  expect(accepted(Buffer.concat([plain, plain.subarray(0, 30)])).header.recordsCount).toBe(3)
})
