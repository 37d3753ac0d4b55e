import { setImmediate } from 'node:timers/promises'
import { ManualClock, producerId, SeededPrng, silentLogger, timestamp } from '@odradek/core'
import { buildEndTransactionBatch, readBatchHeader } from '@odradek/records'
import { KeyedHistory, readCommitted } from './contract/keyed-history.ts'
import { batchesIn, IDENTITY, LogRun } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { LogConfig } from './log-config.ts'
import { defaultMaintenanceSettings } from './maintenance-settings.ts'
import { memoryLogStore } from './memory-log-store.ts'

// Compaction against a model: random histories with every kind of batch, compacted again and again, killed at every step.

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const ROUNDS = Number(process.env['ROUNDS'] ?? 6)
/** A process dies at every so many changes at most; 1 means at each of them. */
const STRIDE = Number(process.env['STRIDE'] ?? 5)
const BACKOFF_MS = 1000
const DELETE_RETENTION_MS = 60_000
const TURNS_MAX = 3000
const CONFIG: Partial<LogConfig> = {
  ...{ segmentBytes: 3000, indexIntervalBytes: 500, fileDeleteDelayMs: 0, cleanupDelete: false, cleanupCompact: true },
  ...{ minCleanableDirtyRatio: 0.01, deleteRetentionMs: DELETE_RETENTION_MS },
}

interface Started {
  readonly run: LogRun
  /** That of the process that lives. */
  readonly fs: SimFs
  compact(): Promise<void>
  /** A new process on what the last one left. */
  revive(): Promise<void>
}

async function start(changes: Partial<LogConfig> = {}, dedupeBufferBytes = 1_000_000): Promise<Started> {
  const clock = new ManualClock()
  let fs = new SimFs({ now: () => clock.wallMs() })
  const maintenance = { ...defaultMaintenanceSettings, cleanerBackoffMs: BACKOFF_MS, dedupeBufferBytes }
  const store = () =>
    diskLogStore({ fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1), maintenance })
  const engine = { clock, turn: () => setImmediate(), store, isDurable: true, dispose: async () => {} }
  const run = await LogRun.open(engine, { ...CONFIG, ...changes })
  return {
    run,
    get fs() {
      return fs
    },
    compact: () => compact(run, () => fs.isDead),
    revive: async () => {
      fs = fs.kill()
      await run.reopen()
    },
  }
}

/** Lets the cleaner run until it rests again: then the checkpoint has been written, or it had nothing to do. */
async function compact(run: LogRun, isDead: () => boolean = () => false): Promise<void> {
  run.engine.clock.advance(BACKOFF_MS)
  let sizeBytes = -1
  for (let turn = 0, quiet = 0; turn < TURNS_MAX && quiet < 30 && !isDead(); turn++) {
    await run.settle(null)
    quiet = sizeBytes === run.log.sizeBytes ? quiet + 1 : 0
    sizeBytes = run.log.sizeBytes
  }
}

/** All that must hold of a log that the history went into. */
async function expectFaithful(run: LogRun, history: KeyedHistory, note: unknown): Promise<void> {
  expect([note, run.log.failure]).toEqual([note, null])
  const { table, records } = await readCommitted(run)
  // With a transaction open consumers do not get to the end.
  if (history.isSettled) expect([note, ...[...table].sort()]).toEqual([note, ...[...history.model].sort()])
  for (const [offset, text] of records)
    expect([note, offset, text]).toEqual([note, offset, history.written.get(offset)])
}

async function expectReadableEverywhere(run: LogRun): Promise<void> {
  const { startOffset, endOffset } = run.log
  const all = batchesIn(await run.readAll(startOffset))
  for (let offset: number = startOffset; offset < endOffset; offset++) {
    const first = batchesIn((await run.read(offset, 1)) ?? Buffer.alloc(0))[0]
    const expected = all.find(({ lastOffset }) => lastOffset >= offset)
    expect([offset, first?.baseOffset]).toEqual([offset, expected?.baseOffset])
  }
}

const producersOf = (run: LogRun) =>
  [...run.log.producers()]
    .map(({ producerId, producerEpoch, lastSequence }) => `${producerId} ${producerEpoch} ${lastSequence}`)
    .sort()

it('leaves the last value of each key, round after round, over restarts', async () => {
  const prng = new SeededPrng(SEED)
  for (let round = 0; round < ROUNDS; round++) {
    const started = await start()
    const { run, revive } = started
    const history = new KeyedHistory(prng, 3 + prng.below(20))
    let written = 0
    for (let pass = 0; pass < 5; pass++) {
      const note = `seed ${SEED}, round ${round}, pass ${pass}`
      await history.append(run, 20 + prng.below(40))
      if (prng.below(2) === 0) await history.settle(run)
      const endOffset = run.log.endOffset
      await run.settle(run.log.flush())
      await compact(run)
      written = Math.max(written, run.log.sizeBytes)
      await expectFaithful(run, history, note)
      expect([note, run.log.endOffset]).toEqual([note, endOffset])
      const before = [producersOf(run), run.log.lastStableOffset, (await run.readAll(0)).toString('hex')]
      if (pass % 2 === 0) await run.restart()
      else {
        started.fs.losePower()
        await revive()
      }
      await expectFaithful(run, history, note)
      expect([note, run.log.endOffset]).toEqual([note, endOffset])
      expect([producersOf(run), run.log.lastStableOffset, (await run.readAll(0)).toString('hex')]).toEqual(before)
      run.engine.clock.advance(prng.below(2) * DELETE_RETENTION_MS)
    }
    // Time has passed: the next run must not come between two reads.
    await compact(run)
    await expectReadableEverywhere(run)
    await run.end()
  }
})

it.each([['killed'], ['without power'], ['without some of its power']])(
  'a process that is %s at any step loses nothing',
  async (how) => {
    const prng = new SeededPrng(SEED)
    for (let changes = prng.below(STRIDE), isOver = false; !isOver; changes += 1 + prng.below(STRIDE)) {
      const note = `seed ${SEED}, ${how} after ${changes} changes`
      const started = await start()
      const { run } = started
      const history = new KeyedHistory(new SeededPrng(SEED + 1), 8)
      await history.append(run, 45)
      await history.settle(run)
      await run.settle(run.log.flush())
      const { endOffset } = run.log
      const producers = producersOf(run)
      started.fs.changesLeft = changes
      await started.compact()
      isOver = !started.fs.isDead
      started.fs.changesLeft = -1
      if (how === 'without power') started.fs.losePower()
      else if (how === 'without some of its power') started.fs.losePower(prng)
      await started.revive()
      await expectFaithful(run, history, note)
      expect([note, run.log.endOffset, ...producersOf(run)]).toEqual([note, endOffset, ...producers])
      const names = started.fs.readdirSync('data/666f6f62617262617a71757871757578-3')
      expect([note, ...names.filter((name) => /cleaned|swap|deleted/.test(name))]).toEqual([note])
      // What is left to do is done then, and new records find their place.
      await history.append(run, 5)
      await started.compact()
      await expectFaithful(run, history, note)
      await run.end()
    }
  },
  120_000,
)

it('more keys than there is memory for are compacted in several runs', async () => {
  const { run } = await start({}, 24 * 10)
  const history = new KeyedHistory(new SeededPrng(SEED), 40)
  await history.append(run, 120)
  await history.settle(run)
  const before = run.log.sizeBytes
  for (let index = 0; index < 4; index++) await compact(run)
  await expectFaithful(run, history, SEED)
  expect(run.log.sizeBytes).toBeLessThan(before * 0.8)
  await run.end()
})

it('tombstones and markers go in the end, batches of living producers stay', async () => {
  const { run } = await start()
  const history = new KeyedHistory(new SeededPrng(SEED), 5)
  await history.append(run, 80)
  await history.settle(run)
  for (let pass = 0; pass < 5; pass++) {
    await history.append(run, 10)
    await history.settle(run)
    await compact(run)
    run.engine.clock.advance(DELETE_RETENTION_MS + 1)
  }
  await expectFaithful(run, history, SEED)
  const { records } = await readCommitted(run)
  expect(records.size).toBeLessThan(60)
  await run.end()
})

it('a marker at the end of what is compacted stays whole, however often that is compacted', async () => {
  const started = await start({ segmentMs: 10, deleteRetentionMs: 0 })
  const { run, compact } = started
  const now = () => timestamp(BigInt(run.engine.clock.wallMs()))
  const marker = (producerEpoch: number) =>
    run.appendBytes(
      buildEndTransactionBatch({
        ...{ producerId: producerId(7n), producerEpoch, coordinatorEpoch: 0, outcome: 'commit', timestamp: now() },
      }),
      'flushed',
    )
  await run.append({ records: [{ timestamp: now(), key: Buffer.from('k'), value: null }] })
  await marker(0)
  run.engine.clock.advance(BACKOFF_MS)
  await marker(1)
  for (let pass = 0; pass < 4; pass++) {
    await compact()
    run.engine.clock.advance(DELETE_RETENTION_MS)
    // Where it is not known how far a log was compacted, all of it is dirty again.
    started.fs.unlinkSync('data/cleaner-offset-checkpoint')
    await run.reopen()
  }
  const left = await run.readAll(0)
  expect(batchesIn(left).map(({ at }) => readBatchHeader(left, at))).toMatchObject([
    { baseOffset: 1, isControl: true, recordsCount: 1 },
    { baseOffset: 2, isControl: true, recordsCount: 1 },
  ])
  await run.end()
})

it('works in memory too', async () => {
  const clock = new ManualClock()
  const maintenance = { ...defaultMaintenanceSettings, cleanerBackoffMs: BACKOFF_MS }
  const settings = { clock, logger: silentLogger, prng: new SeededPrng(1), bytesMax: 5_000_000, maintenance }
  const store = memoryLogStore({ ...settings, whenFull: 'refuse' })
  const engine = { clock, turn: () => setImmediate(), store: () => store, isDurable: false, dispose: async () => {} }
  const run = await LogRun.open(engine, CONFIG, IDENTITY)
  const history = new KeyedHistory(new SeededPrng(SEED), 5)
  for (let pass = 0; pass < 3; pass++) {
    await history.append(run, 60)
    await history.settle(run)
    const before = run.log.sizeBytes
    const reading = readCommitted(run)
    await compact(run)
    expect(run.log.sizeBytes).toBeLessThan(before * 0.7)
    expect([...(await reading).table].sort()).toEqual([...history.model].sort())
    await expectFaithful(run, history, SEED)
  }
  await expectReadableEverywhere(run)
  await run.end()
})

it('a log that is closed or removed while it is compacted is left whole', async () => {
  for (let turns = 0; turns < 40; turns += 3) {
    const { run } = await start()
    const history = new KeyedHistory(new SeededPrng(SEED), 5)
    await history.append(run, 60)
    await history.settle(run)
    run.engine.clock.advance(BACKOFF_MS)
    for (let turn = 0; turn < turns; turn++) await run.settle(null)
    await run.settle(run.log.close())
    if (turns % 2 === 0) {
      await run.settle(run.store.remove(IDENTITY))
    } else {
      run.log = await run.settle(run.store.open(IDENTITY, run.config))
      await expectFaithful(run, history, turns)
    }
    await run.settle(run.store.close())
  }
})

/** The system writes back what is old by itself; compaction must not put bytes in its place that it has only just been given. */
test.each(['device', 'os'] as const)(
  'odradek.flush=%s: what had reached the device outlives a power cut after compaction',
  async (flush) => {
    const { run, fs, compact } = await start({ flush })
    const history = new KeyedHistory(new SeededPrng(SEED), 20)
    await history.append(run, 60)
    await history.settle(run)
    await run.settle(run.log.flush())
    const [name] = fs.readdirSync('data').filter((one) => one.endsWith(`-${IDENTITY.partition}`))
    const directory = `data/${name}`
    for (const one of fs.readdirSync(directory)) {
      const file = fs.openSync(`${directory}/${one}`, 'append')
      await file.datasync()
      file.closeSync()
    }
    for (const one of ['data', directory]) await fs.syncDirectory(one)
    const before = (await readCommitted(run)).table
    await compact()
    // Names may reach the journal before the data they name.
    await fs.syncDirectory(directory)
    fs.losePower()
    await run.reopen()
    expect(run.log.failure).toBeNull()
    expect((await readCommitted(run)).table).toEqual(before)
  },
)
