import { SeededPrng } from '@odradek/core'
import { buildBatch } from '@odradek/records'
import { batchesIn, records } from '../contract/log-run.ts'
import { isDamage } from './finding.ts'
import { StoredLog } from './inspection-fixture.ts'

const SEED = Number(process.env['SEED'] ?? 20_261)
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** Several segments of batches of all codecs, closed well. */
async function filled(): Promise<StoredLog> {
  const stored = new StoredLog()
  const run = await stored.open({ segmentBytes: 2000, indexIntervalBytes: 300 })
  for (let index = 0; index < 40; index++) {
    await run.append({ records: records(3, 40), compressionType: CODECS[index % CODECS.length] ?? 'none' })
  }
  await run.end()
  return stored
}

test('a log that was closed well is sound, and no byte of it changes', async () => {
  const stored = await filled()
  const before = stored.image()
  const report = stored.inspect()
  expect(report.findings).toEqual([])
  expect(report).toMatchObject({ batches: 40, startOffset: 0, endOffset: 120 })
  expect(report.segments.length).toBeGreaterThan(2)
  expect(stored.image()).toEqual(before)
})

test(`every flipped bit in a batch is found, with its bytes and offsets (SEED=${SEED})`, async () => {
  const stored = await filled()
  const prng = new SeededPrng(SEED)
  for (let round = 0; round < 300; round++) {
    const logs = stored.names('.log')
    const name = logs[prng.below(logs.length)] ?? ''
    const whole = stored.read(name)
    const at = prng.below(whole.byteLength)
    const batch = batchesIn(whole).findLast((one) => one.at <= at)
    const flipped = Buffer.from(whole)
    flipped.writeUInt8(whole.readUInt8(at) ^ (1 << prng.below(8)), at)
    stored.write(name, flipped)
    const { findings } = stored.inspect()
    stored.write(name, whole)
    expect([at, findings.filter(isDamage)]).toEqual([
      at,
      [expect.objectContaining({ kind: 'damaged-bytes', position: batch?.at, sizeBytes: batch?.sizeBytes })],
    ])
    const first = Number(whole.readBigInt64BE(batch?.at))
    expect(findings[0]).toMatchObject({ fromOffset: first, isBelowRecoveryPoint: true })
    expect([first + 3, null]).toContain(findings[0]?.toOffset)
  }
})

test('batches within the records of a damaged one are not taken for batches of the log', async () => {
  const stored = new StoredLog()
  const run = await stored.open()
  const inner = buildBatch({ records: records(2), baseOffset: 1 })
  await run.append({ records: records(1) })
  await run.append({ records: records(2).map((record) => ({ ...record, value: inner })) })
  await run.append({ records: records(1) })
  await run.end()
  const [name = ''] = stored.names('.log')
  const bytes = stored.read(name)
  const damaged = batchesIn(bytes)[1]
  bytes.writeUInt8(bytes.readUInt8((damaged?.at ?? 0) + 40) ^ 1, (damaged?.at ?? 0) + 40)
  stored.write(name, bytes)
  expect(stored.inspect().findings).toMatchObject([
    { position: damaged?.at, sizeBytes: damaged?.sizeBytes, fromOffset: 1, toOffset: 3 },
  ])
})

test('an intact batch whose records cannot be read is told apart from changed bytes', async () => {
  const stored = new StoredLog()
  const run = await stored.open()
  await run.append({ records: records(1) })
  const batch = Buffer.from(buildBatch({ records: records(3, 500), compressionType: 'gzip' }))
  // What validation of batches lets pass: a payload that is no gzip, under a right checksum.
  const { crc32c } = await import('@odradek/records')
  batch.fill(0xee, 61)
  batch.writeUInt32BE(crc32c(batch, 21), 17)
  await run.appendBytes(batch)
  await run.append({ records: records(1) })
  await run.end()
  expect(stored.inspect().findings).toMatchObject([{ kind: 'unreadable-records', fromOffset: 1, toOffset: 4 }])
})

test('a torn tail after an unclean end is no damage, but below the recovery point it is', async () => {
  const stored = new StoredLog()
  const run = await stored.open()
  for (let index = 0; index < 5; index++) await run.append({ records: records(2) })
  const [name = ''] = stored.names('.log')
  const whole = stored.read(name)
  stored.write(name, whole.subarray(0, whole.byteLength - 5))
  expect(stored.inspect().findings).toMatchObject([{ kind: 'torn-tail', fromOffset: 8 }])
  stored.write(name, whole)
  await run.end()
  stored.write(name, whole.subarray(0, whole.byteLength - 5))
  expect(stored.inspect().findings).toMatchObject([
    { kind: 'damaged-bytes', fromOffset: 8, isBelowRecoveryPoint: true },
  ])
  stored.write(name, whole.subarray(0, batchesIn(whole)[3]?.at))
  expect(stored.inspect().findings).toMatchObject([{ kind: 'missing-records', fromOffset: 6 }])
})

test.each([
  ['.index', 4],
  ['.timeindex', 5],
  ['.index', 1],
])('a changed %s is found', async (suffix, at) => {
  const stored = await filled()
  const name = stored.names(suffix).find((one) => stored.read(one).byteLength >= 12) ?? ''
  const bytes = stored.read(name)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at)
  stored.write(name, bytes)
  expect(stored.inspect().findings).toMatchObject([{ kind: 'derived-file', file: `${stored.directory}/${name}` }])
})

test('files that have no place are named', async () => {
  const stored = await filled()
  stored.write('00000000000000000000.log.damaged', Buffer.from('x'))
  stored.write('00000000000000077777.index', Buffer.from(''))
  stored.write('leader-epoch-checkpoint', Buffer.from('no'))
  stored.write('00000000000000000000.snapshot', Buffer.alloc(20))
  const found = stored.inspect().findings.map(({ kind, file }) => [kind, file.slice(file.lastIndexOf('/') + 1)])
  expect(found).toEqual([
    ['derived-file', '00000000000000000000.snapshot'],
    ['derived-file', 'leader-epoch-checkpoint'],
    ['left-over', '00000000000000000000.log.damaged'],
    ['left-over', '00000000000000077777.index'],
  ])
})
