import { setImmediate } from 'node:timers/promises'
import { ManualClock, type ProducerId, SeededPrng, silentLogger, timestamp } from '@odradek/core'
import { type BatchHeader, type BatchToBuild, buildEndTransactionBatch, readBatchHeader } from '@odradek/records'
import { BASE_TIMESTAMP, batchesIn, IDENTITY, LogRun } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { LogConfig } from './log-config.ts'
import { defaultMaintenanceSettings } from './maintenance-settings.ts'

// Single moments of a compaction that random histories seldom meet.

const BACKOFF_MS = 1000
const CONFIG: Partial<LogConfig> = {
  ...{ segmentBytes: 300, cleanupDelete: false, cleanupCompact: true, minCleanableDirtyRatio: 0.01 },
  fileDeleteDelayMs: 0,
}

async function start(changes: Partial<LogConfig> = {}) {
  const clock = new ManualClock()
  const fs = new SimFs({ now: () => clock.wallMs() })
  const errors: unknown[] = []
  const logger = { ...silentLogger, error: (_message: string, fields?: object) => errors.push(fields) }
  const maintenance = { ...defaultMaintenanceSettings, cleanerBackoffMs: BACKOFF_MS }
  const store = () => diskLogStore({ fs, directory: 'data', clock, logger, prng: new SeededPrng(1), maintenance })
  const engine = { clock, turn: () => setImmediate(), store, isDurable: true, dispose: async () => {} }
  const run = await LogRun.open(engine, { ...CONFIG, ...changes })
  const turns = async () => {
    for (let turn = 0; turn < 60; turn++) await run.settle(null)
  }
  const compact = async () => {
    clock.advance(BACKOFF_MS)
    await turns()
  }
  return { run, fs, errors, turns, compact }
}

function batch(key: string, ageMs: number, rest: Partial<BatchToBuild> = {}): BatchToBuild {
  const time = timestamp(BASE_TIMESTAMP - BigInt(ageMs))
  return { records: [{ timestamp: time, key: Buffer.from(key), value: Buffer.alloc(100, key) }], ...rest }
}

const idempotent = (baseSequence: number) => ({ producerId: 7n as ProducerId, producerEpoch: 0, baseSequence })

it('a producer’s last batch on the device stays until the next one is there too', async () => {
  // One run of the cleaner: what comes meanwhile is too little for a second one.
  const { run, fs, turns } = await start({ minCleanableDirtyRatio: 0.9 })
  await run.append(batch('a', 0, idempotent(0)))
  for (let index = 0; index < 6; index++) await run.append(batch('a', 0))
  fs.holdsFlushes = true
  run.engine.clock.advance(BACKOFF_MS)
  await turns()
  await run.append(batch('b', 0, idempotent(1)))
  fs.holdsFlushes = false
  fs.releaseFlushes()
  await turns()
  const first = readBatchHeader((await run.read(0, 1)) ?? new Uint8Array())
  expect(first).toMatchObject({ baseOffset: 0, lastOffsetDelta: 0, producerId: 7n, baseSequence: 0, recordsCount: 0 })
})

it('offsets that a start has cut off count as dirty when they are given away again', async () => {
  const { run, fs, compact } = await start()
  for (let index = 0; index < 10; index++) await run.append(batch('a', 0))
  await compact()
  const path = 'data/cleaner-offset-checkpoint'
  const checkpoint = () => Buffer.from(fs.readFileSync(path) ?? []).toString()
  expect(checkpoint()).toMatch(/ 9\n$/)
  const file = fs.openSync(path, 'append')
  file.writeSync([Buffer.from(checkpoint().replace(/ 9\n$/, ' 90\n'))], 0)
  file.closeSync()
  await run.reopen()
  expect(run.log.endOffset).toBe(10)
  expect(checkpoint()).toMatch(/ 10\n$/)
})

it('the largest timestamp is that of a record, also when the batch that had it is kept without any', async () => {
  const { run, compact } = await start()
  await run.append(batch('a', 0, idempotent(0)))
  await run.append(batch('b', 50))
  for (let index = 0; index < 6; index++) await run.append(batch('a', 100))
  await compact()
  expect(await run.settle(run.log.lookupMaxTimestamp())).toMatchObject({ offset: 1, timestamp: BASE_TIMESTAMP - 50n })
  await run.restart()
  expect(await run.settle(run.log.lookupMaxTimestamp())).toMatchObject({ offset: 1, timestamp: BASE_TIMESTAMP - 50n })
})

it('a batch that cannot be opened ends compaction of its log, and the log says which it is', async () => {
  const { run, errors, compact } = await start({ maxDecompressedBytes: 1000 })
  for (let index = 0; index < 6; index++) await run.append(batch('a', 0))
  const large = [{ timestamp: timestamp(BASE_TIMESTAMP), key: Buffer.from('z'), value: Buffer.alloc(5000) }]
  await run.append({ records: large, compressionType: 'gzip' })
  for (let index = 0; index < 6; index++) await run.append(batch('a', 0))
  const before = run.log.sizeBytes
  await compact()
  await compact()
  expect([run.log.sizeBytes, run.log.failure]).toEqual([before, null])
  expect(errors).toEqual([
    expect.objectContaining({
      topic: IDENTITY.topicName,
      why: expect.stringMatching(/the batch at offset 6 cannot be opened/),
    }),
  ])
})

describe('what only tells that something is gone', () => {
  const DELETE_RETENTION_MS = 60_000

  async function headers(run: LogRun): Promise<BatchHeader[]> {
    const bytes = await run.readAll(0)
    return batchesIn(bytes).map(({ at }) => readBatchHeader(bytes, at))
  }

  /** The same key again and again: the segments before are closed, and there is something to do for the cleaner. */
  async function fill(run: LogRun): Promise<void> {
    for (let index = 0; index < 4; index++) await run.append(batch('filler', 0), 'flushed')
  }

  const tombstone = async (run: LogRun): Promise<void> => {
    await run.append(batch('k', 0))
    await run.append({ records: [{ timestamp: timestamp(BASE_TIMESTAMP), key: Buffer.from('k'), value: null }] })
  }

  const commit = (run: LogRun) =>
    run.appendBytes(
      buildEndTransactionBatch({
        ...{ producerId: 7n as ProducerId, producerEpoch: 0, coordinatorEpoch: 0, outcome: 'commit' },
        timestamp: timestamp(BASE_TIMESTAMP),
      }),
    )

  /** Of a transaction that is not its producer's last, whose record is given anew at once. */
  const marker = async (run: LogRun): Promise<void> => {
    await run.append(batch('k', 0, { ...idempotent(0), isTransactional: true }))
    await commit(run)
    await run.append(batch('k', 0, { ...idempotent(1), isTransactional: true }))
    await commit(run)
  }

  // A marker is needless once its records are gone: the run after the one that removes them finds it so. (KIP-534)
  it.each([
    ['a tombstone', tombstone, 1, -1],
    ['a tombstone', tombstone, 1, 0],
    ['a marker', marker, 2, -1],
    ['a marker', marker, 2, 0],
  ] as const)(
    '%s stays for delete.retention.ms from its first compaction on, and no longer (run %#)',
    async (_, write, runs, ms) => {
      const { run, compact, turns } = await start({ deleteRetentionMs: DELETE_RETENTION_MS })
      const { clock } = run.engine
      await write(run)
      expect((await headers(run)).filter(({ hasDeleteHorizon }) => hasDeleteHorizon)).toEqual([])
      for (let index = 0; index < runs; index++) {
        await fill(run)
        await compact()
      }
      const horizonMs = clock.wallMs() + DELETE_RETENTION_MS
      const offset = 1
      const found = async () => (await headers(run)).find(({ baseOffset }) => baseOffset === offset)
      expect(await found()).toMatchObject({ hasDeleteHorizon: true, baseTimestamp: BigInt(horizonMs), recordsCount: 1 })
      // Neither a start nor another run begins the time anew.
      await run.restart()
      await fill(run)
      clock.advance(DELETE_RETENTION_MS / 2)
      await turns()
      expect(await found()).toMatchObject({ hasDeleteHorizon: true, baseTimestamp: BigInt(horizonMs) })
      await fill(run)
      clock.advance(horizonMs + ms - clock.wallMs())
      await turns()
      expect([clock.wallMs() - horizonMs, (await found())?.recordsCount]).toEqual([ms, ms < 0 ? 1 : undefined])
      await run.end()
    },
  )

  // As in Kafka: with nothing new there is nothing to clean, also where every log is cleaned as soon as it has something.
  it('stays after its time too, until something new is compacted', async () => {
    const { run, compact } = await start({ deleteRetentionMs: DELETE_RETENTION_MS, maxCompactionLagMs: 1 })
    await tombstone(run)
    await fill(run)
    await compact()
    const before = await run.readAll(0)
    run.engine.clock.advance(DELETE_RETENTION_MS + 1)
    await compact()
    expect(Buffer.compare(await run.readAll(0), before)).toBe(0)
    await fill(run)
    await compact()
    expect((await headers(run)).filter(({ hasDeleteHorizon }) => hasDeleteHorizon)).toEqual([])
    await run.end()
  })
})
