import { producerId, timestamp, type WallMs } from '@odradek/core'
import { type BatchToBuild, buildBatch } from '../batch-builder.ts'
import {
  ATTRIBUTES_AT,
  BATCH_HEADER_BYTES,
  CRC_AT,
  isBatchIntact,
  MAX_TIMESTAMP_AT,
  readBatchHeader,
} from '../batch-header.ts'
import { recordsOf } from '../batch-records.ts'
import { crc32c } from '../crc32c.ts'
import { largestTimestamp } from '../largest-timestamp.ts'
import { checkProduceRequest } from './check-request.ts'
import type { ProduceRules } from './produce-rules.ts'
import type { ProduceRefusal } from './produce-verdict.ts'
import { validateProduced } from './validate-produced.ts'

const NOW = 1_760_000_100_000 as WallMs
const HOUR_MS = 3_600_000n

const kafkaDefaults: ProduceRules = {
  maxMessageBytes: 1_048_588,
  compressionType: 'producer',
  compressionLevels: { gzip: -1, lz4: 9, zstd: 3 },
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: 2n ** 63n - 1n,
  timestampAfterMaxMs: HOUR_MS,
  isCompacted: false,
  maxDecompressedBytes: 1_000_000,
  validation: 'batch',
}

const record = (time: bigint, key: string | null = 'k') => ({
  timestamp: timestamp(time),
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from('value'),
})
const recent = BigInt(NOW) - 1000n
const batchOf = (times: readonly bigint[], more: Partial<BatchToBuild> = {}) =>
  buildBatch({ records: times.map((time) => record(time)), ...more })

/** A batch whose header has been changed by `change` after it was built, with a new checksum. */
function tampered(batch: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = Buffer.from(batch)
  change(new DataView(copy.buffer, copy.byteOffset, copy.length))
  copy.writeUInt32BE(crc32c(copy, ATTRIBUTES_AT), CRC_AT)
  return copy
}

const judge = (batch: Uint8Array, rules: Partial<ProduceRules> = {}, version = 9) =>
  validateProduced(batch, version, { ...kafkaDefaults, ...rules }, NOW)

function refusal(batch: Uint8Array, rules: Partial<ProduceRules> = {}, version = 9): ProduceRefusal {
  const verdict = judge(batch, rules, version)
  if (verdict.ok) throw new Error('accepted')
  return verdict
}

function accepted(batch: Uint8Array, rules: Partial<ProduceRules> = {}, version = 9) {
  const verdict = judge(batch, rules, version)
  if (!verdict.ok) throw new Error(`${verdict.error} ${verdict.message}`)
  expect(verdict.header).toEqual(readBatchHeader(verdict.batch))
  expect(isBatchIntact(verdict.batch, 0, verdict.batch.length)).toBe(true)
  return verdict
}

const modes = ['batch', 'full'] as const
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

describe.each(modes)('validation %s', (validation) => {
  test.each(codecs)('a true %s batch is stored as it came, in the same memory', (compressionType) => {
    const batch = batchOf([recent, recent + 5n], { compressionType })
    const before = Buffer.from(batch)
    const verdict = accepted(batch, { validation })
    expect(verdict.batch).toBe(batch)
    expect(Buffer.compare(batch, before)).toBe(0)
  })

  test('what follows the batch, too short for another one, is cut off', () => {
    const batch = batchOf([recent])
    const { batch: stored } = accepted(Buffer.concat([batch, Buffer.alloc(11)]), { validation })
    expect(stored).toHaveLength(batch.length)
  })

  test.each(codecs)('log-append time is written into the header of a %s batch', (compressionType) => {
    const { batch, header } = accepted(batchOf([recent, 5n], { compressionType }), {
      validation,
      timestampType: 'LogAppendTime',
    })
    expect(header).toMatchObject({ timestampType: 'LogAppendTime', maxTimestamp: BigInt(NOW) })
    expect([...recordsOf(batch, kafkaDefaults)].map((each) => each.timestamp)).toEqual([BigInt(NOW), BigInt(NOW)])
  })

  test('log-append time is nothing that a producer may claim', () => {
    const batch = batchOf([recent, recent], { logAppendTime: timestamp(recent) })
    expect(refusal(Buffer.from(batch), { validation, timestampType: 'LogAppendTime' })).toMatchObject({
      error: 'INVALID_TIMESTAMP',
      recordErrors: [{ batchIndex: 0 }, { batchIndex: 1 }],
      logStartKnown: true,
    })
    // Where the topic has create time it is corrected, with the claimed time as the largest one.
    expect(accepted(batch, { validation }).header).toMatchObject({ timestampType: 'CreateTime', maxTimestamp: recent })
  })

  test.each(codecs)(
    'create time of a %s batch up to an hour ahead passes, a millisecond more does not',
    (compressionType) => {
      const latest = BigInt(NOW) + HOUR_MS
      accepted(batchOf([recent, latest], { compressionType }), { validation })
      const refused = refusal(batchOf([latest + 1n, recent, latest + 1n, -1n], { compressionType }), { validation })
      expect(refused).toMatchObject({ error: 'INVALID_TIMESTAMP', logStartKnown: true })
      expect(refused.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([0, 2])
      expect(refused.recordErrors[0]!.message).toContain(`${latest + 1n}`)
      expect(refused.message).toContain('2 record')
    },
  )

  test.each(codecs)(
    'create time of a %s batch as far back as the topic says passes, a millisecond more does not',
    (compressionType) => {
      const earliest = BigInt(NOW) - 5000n
      const rules = { validation, timestampBeforeMaxMs: 5000n }
      accepted(batchOf([recent, earliest], { compressionType }), rules)
      expect(refusal(batchOf([recent, earliest - 1n], { compressionType }), rules)).toMatchObject({
        error: 'INVALID_TIMESTAMP',
        recordErrors: [{ batchIndex: 1 }],
      })
    },
  )

  test.each(codecs)('a compacted topic takes no %s record without a key', (compressionType) => {
    const records = [record(recent), record(recent, null), record(recent, '')]
    const rules = { validation, isCompacted: true }
    const refused = refusal(buildBatch({ records, compressionType }), rules)
    expect(refused).toMatchObject({ error: 'INVALID_RECORD', recordErrors: [{ batchIndex: 1 }], logStartKnown: true })
    accepted(buildBatch({ records: [record(recent), record(recent, '')], compressionType }), rules)
  })

  test('the size limit counts the whole batch, compressed', () => {
    const batch = batchOf([recent, recent, recent], { compressionType: 'gzip' })
    accepted(batch, { validation, maxMessageBytes: batch.length })
    expect(refusal(batch, { validation, maxMessageBytes: batch.length - 1 })).toEqual({
      ok: false,
      error: 'MESSAGE_TOO_LARGE',
      recordErrors: [],
      message: null,
      logStartKnown: false,
    })
  })

  test('a topic with a codec of its own stores every batch in that', () => {
    for (const compressionType of codecs) {
      for (const target of ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
        const sent = batchOf([recent, recent + 9n, -1n], {
          compressionType,
          producerId: producerId(4n),
          producerEpoch: 2,
          baseSequence: 8,
          isTransactional: true,
        })
        const { batch, header } = accepted(sent, { validation, compressionType: target })
        expect(header).toMatchObject({
          ...{ codec: target === 'uncompressed' ? 0 : codecs.indexOf(target), recordsCount: 3, lastOffsetDelta: 2 },
          ...{ producerId: 4n, producerEpoch: 2, baseSequence: 8, isTransactional: true },
          ...{ baseTimestamp: recent, maxTimestamp: recent + 9n },
        })
        expect([...recordsOf(batch, kafkaDefaults)]).toEqual([...recordsOf(sent, kafkaDefaults)])
      }
    }
  })

  test('what grows past the limit when it is compressed anew is refused', () => {
    const batch = batchOf([recent])
    const rules = { validation, compressionType: 'lz4', maxMessageBytes: batch.length } as const
    expect(refusal(batch, rules)).toMatchObject({ error: 'MESSAGE_TOO_LARGE', logStartKnown: false })
  })

  test.each([
    ['a base offset', (view: DataView) => view.setBigInt64(0, 1n), 'INVALID_RECORD', true],
    ['no records', (view: DataView) => view.setInt32(57, 0), 'INVALID_RECORD', true],
    ['a count that is not that of its offsets', (view: DataView) => view.setInt32(23, 5), 'INVALID_RECORD', true],
    ['the mark of control records', (view: DataView) => view.setInt16(21, 0x20), 'INVALID_RECORD', true],
    ['a producer without a sequence', (view: DataView) => view.setBigInt64(43, 5n), 'INVALID_RECORD', true],
    ['codec 5', (view: DataView) => view.setInt16(21, 5), 'UNKNOWN_SERVER_ERROR', true],
  ] as const)('%s is refused', (_, change, error, logStartKnown) => {
    const batch = tampered(batchOf([recent]), change)
    expect(refusal(batch, { validation })).toMatchObject({ error, logStartKnown, recordErrors: [], message: null })
  })

  test('a wrong checksum is refused before anything is looked at', () => {
    const batch = Buffer.from(batchOf([recent]))
    batch[CRC_AT]! ^= 1
    expect(refusal(batch, { validation })).toMatchObject({
      error: 'CORRUPT_MESSAGE',
      message: null,
      logStartKnown: false,
    })
  })

  test('a broken plain record is refused', () => {
    const batch = tampered(batchOf([recent]), (view) => view.setInt8(BATCH_HEADER_BYTES, 100))
    expect(refusal(batch, { validation })).toMatchObject({
      error: 'INVALID_RECORD',
      recordErrors: [],
      logStartKnown: true,
    })
  })

  test('an untrue largest timestamp of plain records is corrected in place', () => {
    const batch = tampered(batchOf([recent, recent + 7n, recent]), (view) => view.setBigInt64(MAX_TIMESTAMP_AT, recent))
    const verdict = accepted(batch, { validation })
    expect(verdict.batch).toBe(batch)
    expect(verdict.header.maxTimestamp).toBe(recent + 7n)
  })

  test('timestamps of any 64 bits are counted exactly', () => {
    const rules = { validation, timestampAfterMaxMs: 2n ** 63n - 1n }
    const most = 2n ** 63n - 1n
    for (const times of [
      [most, 0n],
      [0n, most],
      [2n ** 53n + 1n, 2n ** 53n + 3n],
      [most - 1n, most],
    ]) {
      const largest = largestTimestamp(times.map((time) => ({ timestamp: timestamp(time) })))
      expect(accepted(batchOf(times), rules).header.maxTimestamp).toBe(largest)
    }
  })
})

describe('under `batch` a compressed batch', () => {
  /** A batch that nobody can open. */
  const sealed = (more: Partial<BatchToBuild> = {}, change: (view: DataView) => void = () => {}) =>
    tampered(batchOf([recent, recent], { compressionType: 'gzip', ...more }), (view) => {
      view.setInt32(BATCH_HEADER_BYTES, 0)
      change(view)
    })

  test('is not opened while its header is plausible', () => {
    accepted(sealed())
    accepted(sealed(), { timestampType: 'LogAppendTime' })
    accepted(sealed({ logAppendTime: timestamp(recent) }))
  })

  test.each([
    ['the topic is compacted', {}, { isCompacted: true }],
    ['the topic has another codec', {}, { compressionType: 'zstd' }],
    ['the topic limits how old records are', {}, { timestampBeforeMaxMs: 10_000_000n }],
    ['its largest timestamp is too late', { records: [record(BigInt(NOW) + HOUR_MS + 1n)] }, {}],
    [
      'it claims log-append time of a topic that sets it',
      { logAppendTime: timestamp(1n) },
      { timestampType: 'LogAppendTime' },
    ],
    ['it claims log-append time but tells none', { logAppendTime: timestamp(-1n) }, {}],
    ['validation is full', {}, { validation: 'full' }],
  ] as const)('is opened where %s', (_, more, rules) => {
    expect(refusal(sealed(more), rules)).toMatchObject({ error: 'UNKNOWN_SERVER_ERROR', logStartKnown: true })
  })

  test('may not claim more records than the limit leaves room for', () => {
    const claiming = (count: number) =>
      sealed({}, (view) => {
        view.setInt32(57, count)
        view.setInt32(23, count - 1)
      })
    accepted(claiming(1000), { maxDecompressedBytes: 7000 })
    expect(refusal(claiming(1001), { maxDecompressedBytes: 7000 })).toMatchObject({ error: 'INVALID_RECORD' })
    accepted(claiming(1_000_000), { maxDecompressedBytes: 134_217_728 })
    expect(refusal(claiming(1_000_001), { maxDecompressedBytes: 134_217_728 })).toMatchObject({
      error: 'INVALID_RECORD',
    })
  })

  test('that unpacks to more than the limit is refused once it is opened', () => {
    const batch = buildBatch({ records: [{ ...record(recent), value: Buffer.alloc(1000) }], compressionType: 'zstd' })
    const bytes = [...recordsOf(batch, kafkaDefaults)].length === 1 ? 1015 : 0
    accepted(Buffer.from(batch), { validation: 'full', maxDecompressedBytes: bytes })
    expect(refusal(batch, { validation: 'full', maxDecompressedBytes: 1000 })).toMatchObject({
      error: 'INVALID_RECORD',
      logStartKnown: true,
    })
  })
})

test('of millions of bad records all are named, the first hundred in words', () => {
  const batch = buildBatch({ records: Array.from({ length: 150 }, () => record(recent, null)) })
  const { recordErrors } = refusal(batch, { isCompacted: true })
  expect(recordErrors).toHaveLength(150)
  expect(recordErrors.filter(({ message }) => message !== null)).toHaveLength(100)
})

describe('what is checked of a request before its partition is looked at', () => {
  const batch = batchOf([recent])
  const zstd = batchOf([recent], { compressionType: 'zstd' })
  const error = (records: Uint8Array, version = 9) => checkProduceRequest(records, version)?.error ?? null

  test('nothing in requests of the time before format 2', () => {
    expect(error(Buffer.alloc(0), 2)).toBeNull()
    expect(error(Buffer.alloc(0), 3)).toBe('INVALID_RECORD')
  })

  test('zstd from version 7 on', () => {
    expect(error(zstd, 6)).toBe('UNSUPPORTED_COMPRESSION_TYPE')
    expect(error(zstd, 7)).toBeNull()
  })

  test('exactly one batch', () => {
    expect(error(batch)).toBeNull()
    expect(error(batch.subarray(0, batch.length - 1))).toBe('INVALID_RECORD')
    expect(error(Buffer.concat([batch, batch]))).toBe('INVALID_RECORD')
    expect(error(Buffer.concat([batch, batch.subarray(0, 16)]))).toBeNull()
    expect(error(Buffer.concat([batch, Buffer.alloc(11)]))).toBeNull()
    expect(error(Buffer.concat([batch, Buffer.alloc(17)]))).toBe('CORRUPT_MESSAGE')
  })

  test.each([
    [0, 'INVALID_RECORD'],
    [1, 'INVALID_RECORD'],
    [3, 'CORRUPT_MESSAGE'],
    [0xff, 'CORRUPT_MESSAGE'],
  ])('magic %i: %s', (magic, expected) => {
    const other = Buffer.from(batch)
    other[16] = magic
    expect(error(other)).toBe(expected)
  })

  test('the answer says nothing of the log, and words only where Kafka has some', () => {
    expect(checkProduceRequest(Buffer.alloc(0), 9)).toMatchObject({
      logStartKnown: false,
      message: null,
      recordErrors: [],
    })
    expect(checkProduceRequest(Buffer.alloc(40), 9)).toMatchObject({
      logStartKnown: false,
      message: 'a batch length of 0',
    })
  })
})
