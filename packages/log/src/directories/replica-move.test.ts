import { setImmediate } from 'node:timers/promises'
import { ManualClock, SeededPrng, silentLogger } from '@odradek/core'
import { batchesIn, IDENTITY, LogRun, records } from '../contract/log-run.ts'
import { SimFs } from '../contract/sim/sim-fs.ts'
import { diskLogDirectories } from '../disk-log-store.ts'
import { offsetFileName } from '../file-names.ts'
import type { LogConfig } from '../log-config.ts'
import { Segment } from '../segment.ts'
import type { LogDirectories } from './log-directories.ts'

// A log moves to another directory while it is written, and the process is killed, or the power cut, before every change.

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
const STRIDE = Number(process.env['STRIDE'] ?? 211)
const CONFIG: Partial<LogConfig> = { segmentBytes: 2000, indexIntervalBytes: 200, fileDeleteDelayMs: 0 }
const TURNS_MAX = 3000

/** What the metadata would say. */
class Metadata {
  directoryId = 'A'
}

class Started {
  readonly clock = new ManualClock()
  readonly metadata = new Metadata()
  fs = new SimFs({ now: () => this.clock.wallMs() })
  directories!: LogDirectories
  run!: LogRun
  /** Values of records that were answered, by offset; flushed ones must outlive a power cut, all of them a kill. */
  readonly acknowledged = new Map<number, { value: string; isFlushed: boolean }>()
  private counter = 0

  static async begin(changes: Partial<LogConfig> = {}): Promise<Started> {
    const started = new Started()
    await started.openRun(changes)
    return started
  }

  private async openRun(changes: Partial<LogConfig>): Promise<void> {
    const { clock } = this
    const store = () => this.open()
    const engine = { clock, turn: () => setImmediate(), store, isDurable: true, dispose: async () => {} }
    this.run = await LogRun.open(engine, { ...CONFIG, ...changes })
  }

  private open(): LogDirectories {
    const { fs, clock } = this
    const directory = (id: string) => ({ id, root: id, path: `/${id}`, takesPartitions: true, failure: null })
    const directories = [directory('A'), directory('B')]
    const store = diskLogDirectories({ fs, directories, clock, logger: silentLogger, prng: new SeededPrng(1) })
    this.directories = store
    store.attach({
      record: async (_identity, id) => {
        if (!fs.isDead) this.metadata.directoryId = id
      },
      isCordoned: () => false,
      moveBytesPerSecondMax: () => Number.MAX_VALUE,
    })
    return Object.assign(Object.create(store), {
      open: (identity: typeof IDENTITY, config: LogConfig) => store.open(identity, config, this.metadata.directoryId),
    })
  }

  get place(): string | undefined {
    return this.directories.placeOf(IDENTITY)?.directory.path
  }

  /** Does not wait for the answer. */
  append(durability: 'written' | 'flushed', valueBytes = 60): void {
    const count = ++this.counter
    const value = `${count}`.padEnd(valueBytes, '.')
    const [record] = records(1)
    const { fs, run } = this
    void run.append({ records: [{ ...record!, value: Buffer.from(value) }] } as never, durability).then((result) => {
      if (result.ok && !fs.isDead)
        this.acknowledged.set(result.baseOffset, { value, isFlushed: durability === 'flushed' })
    })
  }

  async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await this.run.settle(null)
  }

  /** Moves on until no copy is on its way, or the process is dead; appends meanwhile. */
  async untilMoved(prng: SeededPrng): Promise<void> {
    // Each flush takes a turn, so that appends come between any two steps.
    this.fs.holdsFlushes = true
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      if (this.fs.isDead) return
      this.append(prng.below(3) === 0 ? 'flushed' : 'written')
      await this.turns(1)
      this.fs.releaseFlushes()
      if (this.fs.isDead) return
      const names = (id: string) => this.fs.readdirSync(id).filter((name) => /\.(future|moving|moved)$/.test(name))
      if (this.place === '/B' && [...names('A'), ...names('B')].length === 0) {
        this.fs.holdsFlushes = false
        return this.fs.releaseFlushes()
      }
    }
    throw new Error('the move does not end')
  }

  async revive(): Promise<void> {
    this.fs = this.fs.kill()
    await this.run.reopen()
  }

  async expectAll(note: unknown, isPowerCut: boolean): Promise<void> {
    expect([note, this.run.log.failure]).toEqual([note, null])
    const bytes = await this.run.readAll(this.run.log.startOffset)
    const offsets = batchesIn(bytes)
    const values = new Map(
      offsets.map(({ baseOffset, at, sizeBytes }) => [baseOffset, bytes.subarray(at, at + sizeBytes)]),
    )
    for (const [offset, { value, isFlushed }] of this.acknowledged) {
      if (offset < this.run.log.startOffset || (isPowerCut && !isFlushed)) continue
      expect([note, offset, values.get(offset)?.includes(value)]).toEqual([note, offset, true])
    }
    // No holes: what is left is a prefix of what was written.
    expect([note, ...offsets.map(({ baseOffset }) => baseOffset)]).toEqual([
      note,
      ...offsets.map((_, index) => this.run.log.startOffset + index),
    ])
  }
}

async function filled(prng: SeededPrng, changes: Partial<LogConfig> = {}): Promise<Started> {
  const started = await Started.begin(changes)
  for (let count = 0; count < 40; count++) started.append(prng.below(4) === 0 ? 'flushed' : 'written')
  started.append('flushed')
  await started.turns(10)
  await started.run.settle(started.run.log.flush())
  return started
}

test('a log is read and written while it moves, and nothing of it is left where it was', async () => {
  const prng = new SeededPrng(SEED)
  const started = await filled(prng)
  const { run, directories } = started
  expect(directories.move(IDENTITY, '/B')).toBeNull()
  expect(directories.placeOf(IDENTITY)).toMatchObject({
    directory: { path: '/A' },
    future: { directory: { path: '/B' }, sizeBytes: 0, endOffset: 0 },
  })
  await started.untilMoved(prng)
  expect(directories.placeOf(IDENTITY)).toMatchObject({ directory: { path: '/B' }, future: null })
  expect(started.metadata.directoryId).toBe('B')
  await started.expectAll('moved', false)
  expect(
    started.fs.readdirSync('A').filter((name) => /^[0-9a-f]{32}-/.test(name) && !name.endsWith('-delete')),
  ).toEqual([])
  const { endOffset } = run.log
  await run.restart()
  expect(run.log.endOffset).toBe(endOffset)
  await started.expectAll('restarted', false)
})

/** One bit of the first batch, where the log is now. */
function spoil(fs: SimFs): void {
  const directory = fs.readdirSync('B').find((name) => /^[0-9a-f]{32}-/.test(name))
  const path = `B/${directory}/${offsetFileName(0, '.log')}`
  const bytes = Buffer.from(fs.readFileSync(path) ?? [])
  bytes[80]! ^= 4
  const handle = fs.openSync(path, 'append')
  handle.writeSync([bytes], 0)
  handle.closeSync()
}

test('what a read finds right that began where the log was is checked anew where it is now', async () => {
  const prng = new SeededPrng(SEED)
  const started = await filled(prng)
  const { run } = started
  await run.restart()
  const { moveTo } = Segment.prototype
  let reading: Promise<unknown> | null = null
  const moves = jest.spyOn(Segment.prototype, 'moveTo').mockImplementation(function (this: Segment, ...place) {
    reading ??= run.read(0)
    moveTo.apply(this, place)
  })
  expect(started.directories.move(IDENTITY, '/B')).toBeNull()
  await started.untilMoved(prng)
  moves.mockRestore()
  await reading
  spoil(started.fs)
  await expect(run.read(0)).rejects.toThrow('KAFKA_STORAGE_ERROR')
})

test('what was found right where the log was is checked anew where it is now', async () => {
  const prng = new SeededPrng(SEED)
  const started = await filled(prng)
  const { run } = started
  await run.restart()
  await run.readAll(run.log.startOffset)
  expect(started.directories.move(IDENTITY, '/B')).toBeNull()
  await started.untilMoved(prng)
  spoil(started.fs)
  await expect(run.read(0)).rejects.toThrow('KAFKA_STORAGE_ERROR')
  expect(run.log.failure).toContain('checksum of offsets')
})

test.each([false, true])(
  'killed before every change of the move (power cut: %s), no acknowledged record is lost',
  async (isPowerCut) => {
    for (let changes = SEED % STRIDE; ; changes += STRIDE) {
      const prng = new SeededPrng(SEED)
      const started = await filled(prng)
      const note = `seed ${SEED}, change ${changes}`
      started.fs.changesLeft = changes
      started.directories.move(IDENTITY, '/B')
      await started.untilMoved(prng)
      const isOver = !started.fs.isDead
      if (isPowerCut) started.fs.losePower(changes % 2 === 0 ? null : prng)
      await started.revive()
      await started.expectAll(note, isPowerCut)
      // A move that had begun begins again by itself; the log can be written all the same.
      if (started.fs.readdirSync('B').some((name) => name.endsWith('.future'))) await started.untilMoved(prng)
      started.append('flushed')
      await started.turns(20)
      await started.expectAll(note, isPowerCut)
      started.fs.losePower()
      await started.revive()
      await started.expectAll(note, true)
      if (isOver) return
    }
  },
  60_000 + Math.ceil(3_000_000 / STRIDE),
)

test('moving back, and moving to where it is, ends a move', async () => {
  const prng = new SeededPrng(SEED)
  const started = await filled(prng)
  const { directories, fs } = started
  directories.move(IDENTITY, '/B')
  await started.turns(3)
  expect(directories.move(IDENTITY, '/A')).toBeNull()
  expect(directories.placeOf(IDENTITY)?.future).toBeNull()
  await started.turns(50)
  expect(fs.readdirSync('B').filter((name) => !name.includes('checkpoint') && !name.endsWith('-delete'))).toEqual([])
  directories.move(IDENTITY, '/B')
  await started.untilMoved(prng)
  directories.move(IDENTITY, '/A')
  await started.turns(200)
  expect(started.place).toBe('/A')
  await started.expectAll('moved there and back', false)
})

test('what DeleteRecords cut off during the move stays so', async () => {
  const prng = new SeededPrng(SEED)
  const started = await filled(prng)
  const { run, directories } = started
  directories.move(IDENTITY, '/B')
  await started.turns(4)
  await run.settle(run.log.deleteRecordsBefore(30 as never))
  await started.untilMoved(prng)
  expect(run.log.startOffset).toBe(30)
  await started.expectAll('cut', false)
  await run.restart()
  expect(run.log.startOffset).toBe(30)
  await started.expectAll('cut and restarted', false)
})

test('a deleted partition takes its move with it', async () => {
  const prng = new SeededPrng(SEED)
  for (const turns of [0, 1, 5, 15, 40, 60]) {
    const started = await filled(prng)
    const { run, directories, fs } = started
    directories.move(IDENTITY, '/B')
    await started.turns(turns)
    await run.settle(run.log.close())
    await run.settle(directories.remove(IDENTITY))
    await started.turns(20)
    const left = ['A', 'B'].flatMap((id) => fs.readdirSync(id)).filter((name) => /^[0-9a-f]{32}-/.test(name))
    expect([turns, left]).toEqual([turns, []])
    expect(directories.list()).toEqual([])
  }
})

test('a full disk ends the move and harms nothing', async () => {
  const prng = new SeededPrng(SEED)
  const started = await filled(prng)
  started.fs.fault = (operation, path) =>
    operation === 'write' && path.startsWith('B/') && path.endsWith('.log') ? 'ENOSPC' : null
  started.directories.move(IDENTITY, '/B')
  await started.turns(60)
  expect(started.directories.placeOf(IDENTITY)).toMatchObject({
    directory: { path: '/A', failure: null },
    future: null,
  })
  expect(started.directories.directories()).toMatchObject([{ failure: null }, { failure: null }])
  started.append('flushed')
  await started.turns(10)
  await started.expectAll('full', false)
})
