import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type ProducerId, SeededPrng, timestamp } from '@odradek/core'
import { type BatchToBuild, buildBatch, type RecordToWrite } from './batch-builder.ts'
import { BatchFilter, type BatchPlan } from './batch-filter.ts'
import { isBatchIntact, readBatchHeader } from './batch-header.ts'
import { recordsOf } from './batch-records.ts'
import type { CompressionType } from './compression/codecs.ts'
import { describeRecords } from './vectors/describe-records.ts'
import { parseRecordLine } from './vectors/record-line.ts'

const LIMITS = { maxDecompressedBytes: 1_000_000 }
const CODECS: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

const lines = gunzipSync(readFileSync(join(__dirname, '../vectors/records.ndjson.gz')))
  .toString()
  .trim()
  .split('\n')
  .map(parseRecordLine)

const vector = (name: string): Buffer => Buffer.from(lines.find((line) => line.name === name)?.hex ?? '', 'hex')

function filter(batch: Uint8Array, keeps: (offset: number) => boolean, changes: Partial<BatchPlan> = {}) {
  return new BatchFilter(LIMITS).filter(batch, readBatchHeader(batch), {
    keeps: (scanner, header) => keeps(header.baseOffset + scanner.offsetDelta),
    keepsEmpty: false,
    isMarkerOfEmptyTransaction: false,
    deleteHorizonMs: timestamp(1_760_000_001_050n),
    ...changes,
  })
}

/** What Kafka's cleaner was given for the vectors: ten records of four keys. */
function before(compressionType: CompressionType, lastValue: string | null): Uint8Array {
  const records = Array.from({ length: 10 }, (_, index) => ({
    timestamp: timestamp(1_760_000_000_000n + BigInt(index)),
    key: Buffer.from(`k${index % 4}`),
    value: index === 9 && lastValue === null ? null : Buffer.from(`v${index}`),
  }))
  return buildBatch({
    ...{ records, compressionType, baseOffset: 500, partitionLeaderEpoch: 6 },
    ...{ producerId: 9n as ProducerId, producerEpoch: 1, baseSequence: 30 },
  })
}

const unpacked = (bytes: Uint8Array) =>
  JSON.stringify(describeRecords(bytes), (key, value: unknown) =>
    key === 'crc' || key === 'batchLength' ? undefined : value,
  )

it.each(['none', 'gzip'] as const)('leaves of a batch (%s) what Kafka’s cleaner leaves', (codec) => {
  const some = filter(before(codec, 'v9'), (offset) => offset === 503 || offset === 506)
  const none = filter(before(codec, 'v9'), () => false, { keepsEmpty: true })
  const tombstone = filter(before(codec, null), (offset) => offset >= 508)
  for (const [name, found] of Object.entries({ some, none, tombstone })) {
    const expected = vector(`v2/${codec}/compacted-${name}`)
    if (expected.length === 0 || typeof found === 'string') throw new Error(`${name}: ${found}`)
    expect(unpacked(found)).toBe(unpacked(expected))
    if (codec === 'none') expect(Buffer.from(found).toString('hex')).toBe(expected.toString('hex'))
  }
})

it('tells when nothing is to be changed, or nothing is left', () => {
  const batch = before('gzip', 'v9')
  expect(filter(batch, () => true)).toBe('original')
  expect(filter(batch, () => false)).toBe('dropped')
  const emptied = filter(batch, () => false, { keepsEmpty: true })
  if (typeof emptied === 'string') throw new Error(emptied)
  expect(filter(emptied, () => true, { keepsEmpty: true })).toBe('original')
  expect(filter(emptied, () => true)).toBe('dropped')
})

it('a batch with tombstones gets a delete horizon once, and keeps it', () => {
  const first = filter(before('none', null), () => true)
  if (typeof first === 'string') throw new Error(first)
  expect(readBatchHeader(first)).toMatchObject({ hasDeleteHorizon: true, baseTimestamp: 1_760_000_001_050n })
  const later = { deleteHorizonMs: timestamp(1_999_999_999_999n) }
  expect(filter(first, () => true, later)).toBe('original')
  const second = filter(first, (offset) => offset > 505, later)
  if (typeof second === 'string') throw new Error(second)
  expect(readBatchHeader(second)).toMatchObject({ hasDeleteHorizon: true, baseTimestamp: 1_760_000_001_050n })
  expect([...recordsOf(second, LIMITS)].map((record) => record.timestamp)).toEqual([
    ...[1_760_000_000_006n, 1_760_000_000_007n, 1_760_000_000_008n, 1_760_000_000_009n],
  ])
})

it('a marker of a transaction without records gets a delete horizon too', () => {
  const records = [{ timestamp: timestamp(5n), key: Buffer.from([0, 0, 0, 1]), value: Buffer.alloc(6) }]
  const marker = buildBatch({ records, isControl: true, isTransactional: true, producerId: 4n as ProducerId })
  expect(filter(marker, () => true)).toBe('original')
  const marked = filter(marker, () => true, { isMarkerOfEmptyTransaction: true })
  if (typeof marked === 'string') throw new Error(marked)
  expect(readBatchHeader(marked)).toMatchObject({ hasDeleteHorizon: true, isControl: true, maxTimestamp: 5n })
  expect([...recordsOf(marked, LIMITS)][0]).toMatchObject({ timestamp: 5n })
})

/** The records as text: comparing bytes is slow. */
function describeAll(batch: Uint8Array, kept: ReadonlySet<number | undefined>): unknown[] {
  const { batches } = describeRecords(batch) as { batches: { records: { offset: string }[] }[] }
  return batches[0]!.records.filter(({ offset }) => kept.has(Number(offset)))
}

it('keeps all of what stays, whatever was in the batch (random)', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  const prng = new SeededPrng(seed)
  const bytes = () => (prng.below(6) === 0 ? null : Buffer.from(prng.bytes(prng.below(200))))
  for (let round = 0; round < 40; round++) {
    const baseOffset = prng.below(1000)
    let offset = baseOffset
    const nextOffset = () => {
      offset += 1 + prng.below(3)
      return offset
    }
    const wild = prng.below(10) === 0
    const records: RecordToWrite[] = Array.from({ length: 1 + prng.below(20) }, () => ({
      offset: nextOffset(),
      timestamp: timestamp(wild ? BigInt(prng.below(2 ** 32)) ** 2n / 3n - 5n : BigInt(prng.below(2 ** 32)) * 400n),
      key: bytes(),
      value: bytes(),
      headers: Array.from({ length: prng.below(3) }, () => ({ key: Buffer.from('h'), value: bytes() })),
    }))
    const logAppendTime = prng.below(4) === 0 ? { logAppendTime: timestamp(1_760_000_000_000n) } : {}
    const compressionType = CODECS[prng.below(5)] ?? 'none'
    const plan: BatchToBuild = { records, baseOffset, compressionType, ...logAppendTime, lastOffsetDelta: 100 }
    const batch = buildBatch(plan)
    const kept = new Set(records.filter(() => prng.below(3) === 0).map((record) => record.offset))
    const found = filter(batch, (at) => kept.has(at))
    const result = found === 'original' ? batch : found
    if (result === 'dropped') {
      expect([seed, round, kept.size]).toEqual([seed, round, 0])
      continue
    }
    const all = [...recordsOf(batch, LIMITS)].filter((record) => kept.has(record.offset))
    expect([seed, round, describeRecords(result)]).toEqual([
      seed,
      round,
      { batches: [expect.objectContaining({ records: describeAll(batch, kept) })] },
    ])
    const header = readBatchHeader(result)
    expect(isBatchIntact(result, 0, result.length)).toBe(true)
    expect(header).toMatchObject({ baseOffset, lastOffsetDelta: 100, recordsCount: kept.size })
    const sorted = all.map((record) => record.timestamp).sort((a, b) => Number(a - b))
    expect([seed, round, header.maxTimestamp]).toEqual([seed, round, sorted.at(-1)])
    expect(header.hasDeleteHorizon).toBe(all.some((record) => record.value === null))
  }
})
