import { ManualClock, nodeId, type Offset, SeededPrng, silentLogger } from '@odradek/core'
import { diskLogStore, type LogStore, MemoryFs } from '@odradek/log'
import { SimFs } from '@odradek/log/contract'
import { batchSizeAt, isBatchIntact, readBatchHeader, recordsOf } from '@odradek/records'
import { MetadataLog } from './metadata-log.ts'
import { MetadataLogError } from './metadata-log-error.ts'
import type { MetadataRecord } from './metadata-records.ts'

const LOG_FILE = 'data/__cluster_metadata-0/00000000000000000000.log'

class World {
  readonly clock = new ManualClock()
  readonly fs = new SimFs()
  store: LogStore | null = null

  async open(): Promise<MetadataLog> {
    const { clock, fs } = this
    this.store = diskLogStore({ fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) })
    return this.settle(MetadataLog.open(this.store, 'device', clock))
  }

  async replayed(): Promise<[records: string[], endOffset: Offset][]> {
    const log = await this.open()
    const batches: [string[], Offset][] = []
    const take = (records: readonly MetadataRecord[], end: Offset) => {
      batches.push([records.map((record) => Buffer.from(record).toString()), end])
    }
    await this.settle(log.replay(take))
    return batches
  }

  async settle<T>(value: Promise<T>): Promise<T> {
    let settled = false
    const outcome = value.finally(() => {
      settled = true
    })
    outcome.catch(() => {})
    while (!settled) {
      this.clock.advance(0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return outcome
  }
}

const records = (...texts: string[]) => texts.map((text) => Buffer.from(text))

test('each change is one batch, and a replay gives the same batches back', async () => {
  const world = new World()
  const log = await world.open()
  expect(await world.settle(log.lead(nodeId(1)))).toBe(1)
  expect(await world.settle(log.write(records('a', 'b', 'c')))).toBe(4)
  expect(await world.settle(log.write(records('d')))).toBe(5)
  expect(await world.replayed()).toEqual([
    [[], 1],
    [['a', 'b', 'c'], 4],
    [['d'], 5],
  ])
})

test('a log of many reads is replayed whole', async () => {
  const world = new World()
  const log = await world.open()
  const large = 'x'.repeat(400_000)
  for (let index = 0; index < 8; index++) await world.settle(log.write(records(large, String(index))))
  const batches = await world.replayed()
  expect(batches.map(([[, index], end]) => [index, end])).toEqual(
    Array.from({ length: 8 }, (_, i) => [String(i), 2 * i + 2]),
  )
})

test('a batch whose offset has changed, which no checksum tells, ends the replay', async () => {
  const world = new World()
  const log = await world.open()
  const ends: number[] = []
  for (const text of ['a', 'b', 'c']) ends.push(await world.settle(log.write(records(text))))
  await world.settle(log.close())
  const size = world.fs.statSync(LOG_FILE)!.sizeBytes / ends.length
  const file = world.fs.openSync(LOG_FILE, 'append')
  file.writeSync([Uint8Array.of(9)], size + 6)
  file.closeSync()
  await expect(world.replayed()).rejects.toThrow(/damaged|unusable/)
})

test('the batches are Kafka’s: leader change first, no producer, the epoch of this leader, time of writing', async () => {
  const world = new World()
  const first = await world.open()
  await world.settle(first.lead(nodeId(3)))
  await world.settle(first.close())
  const log = await world.open()
  await world.settle(log.lead(nodeId(3)))
  world.clock.jumpWall(5)
  await world.settle(log.write(records('a', 'b')))
  const file = world.fs.readFileSync(LOG_FILE) ?? new Uint8Array()
  const headers = []
  for (let at = 0; at < file.length; at += batchSizeAt(file, at) ?? file.length) {
    expect(isBatchIntact(file, at, batchSizeAt(file, at) ?? 0)).toBe(true)
    headers.push({ at, ...readBatchHeader(file, at) })
  }
  const now = BigInt(world.clock.wallMs())
  const plain = { codec: 0, isTransactional: false, producerId: -1n, producerEpoch: -1, baseSequence: -1 }
  expect(headers).toMatchObject([
    { ...plain, isControl: true, partitionLeaderEpoch: 1, baseOffset: 0, recordsCount: 1 },
    { ...plain, isControl: true, partitionLeaderEpoch: 2, baseOffset: 1, recordsCount: 1 },
    { ...plain, isControl: false, partitionLeaderEpoch: 2, baseOffset: 2, recordsCount: 2, maxTimestamp: now },
  ])
  const control = [...recordsOf(file, { maxDecompressedBytes: 1000 })]
  // Type 2, and what Kafka 4.4 writes for a single voter, with its id.
  expect(control.map(({ key }) => Buffer.from(key ?? []).toString('hex'))).toEqual(['00000002'])
  expect(control.map(({ value }) => Buffer.from(value ?? []).toString('hex'))).toEqual([
    '00000000000302000000030002000000030000',
  ])
})

test('what was answered survives a power cut', async () => {
  const world = new World()
  const log = await world.open()
  await world.settle(log.write(records('a')))
  world.fs.losePower()
  expect(await world.replayed()).toEqual([[['a'], 1]])
})

test('a write that fails is an error', async () => {
  const world = new World()
  const store = diskLogStore({
    fs: new MemoryFs({ bytesMax: 3000 }),
    directory: 'data',
    clock: world.clock,
    logger: silentLogger,
    prng: new SeededPrng(1),
  })
  const log = await world.settle(MetadataLog.open(store, 'device', world.clock))
  await expect(world.settle(log.write(records('x'.repeat(5000))))).rejects.toThrow(MetadataLogError)
})

test('a damaged log is not read past the damage', async () => {
  const world = new World()
  const log = await world.open()
  await world.settle(log.write(records('aaaa')))
  const firstBytes = world.fs.statSync(LOG_FILE)?.sizeBytes ?? 0
  await world.settle(log.write(records('bbbb')))
  await world.settle(log.write(records('cccc')))
  await world.settle(world.store!.close())
  const handle = world.fs.openSync(LOG_FILE, 'append')
  handle.writeSync([Buffer.from('!')], firstBytes + 68)
  handle.closeSync()
  await expect(world.replayed()).rejects.toThrow(MetadataLogError)
})
