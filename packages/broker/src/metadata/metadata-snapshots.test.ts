import { ManualClock, SeededPrng, silentLogger } from '@odradek/core'
import { diskLogStore, type LogStore } from '@odradek/log'
import { SimFs } from '@odradek/log/contract'
import { MetadataImage } from './metadata-image.ts'
import { MetadataLog } from './metadata-log.ts'
import { configRecord } from './metadata-records.ts'
import { MetadataSnapshots, type SnapshotSettings } from './metadata-snapshots.ts'

const DIRECTORY = 'data/__cluster_metadata-0'
const KEYS = 5
const SETTINGS: SnapshotSettings = { recordBytesMax: 1500, intervalMs: 0, retentionBytes: 3000, retentionMs: -1 }
/** A batch of the test is some 300 bytes. */
const SEGMENT_BYTES = 1000
const CHANGES = 40
/** `npm run crashes` has all of the steps. */
const STRIDE = Number(process.env['STRIDE'] ?? 7)
/** Of what a power cut leaves; with the step it is the seed of each. */
const SEED = Number(process.env['SEED'] ?? 0)
const SEED_STRIDE = 1_000_000
const FEW_CHANGES = 20
/** So that something goes after few changes. */
const QUICK = { recordBytesMax: 900, retentionBytes: 1800 }

/** One life of the metadata over a simulated disk. */
class Life {
  readonly fs: SimFs
  readonly clock: ManualClock
  readonly image = new MetadataImage('cluster')
  private readonly store: LogStore
  private snapshots: MetadataSnapshots | null = null
  log!: MetadataLog

  constructor(fs: SimFs, clock: ManualClock) {
    this.fs = fs
    this.clock = clock
    this.store = diskLogStore({
      ...{ fs, directory: 'data', clock: this.clock, logger: silentLogger, prng: new SeededPrng(1) },
    })
  }

  static async open(fs: SimFs, settings: Partial<SnapshotSettings> = {}, clock = new ManualClock()): Promise<Life> {
    const life = new Life(fs, clock)
    const { image } = life
    life.log = await life.settle(MetadataLog.open(life.store, 'device', clock, SEGMENT_BYTES))
    await life.settle(life.log.replay((records, end) => image.apply(records, end)))
    life.snapshots = new MetadataSnapshots(image, life.log, { ...SETTINGS, ...settings }, clock, silentLogger)
    return life
  }

  /** Change number `index`, durable when it resolves. */
  async change(index: number): Promise<void> {
    const value = `${index} ${'x'.repeat(200)}`
    const records = [configRecord('BROKER', '', `key-${index % KEYS}`, value)]
    this.image.apply(records, await this.settle(this.log.write(records)))
    this.snapshots?.written()
    for (let turn = 0; turn < 3; turn++) await this.turn()
  }

  async stop(): Promise<void> {
    await this.settle(this.snapshots?.close() ?? Promise.resolve())
    await this.settle(this.log.close())
    await this.settle(this.store.close())
  }

  /** The newest change that the image has; what it says must be that of all up to it, and of none after. */
  newest(): number {
    const values = [...this.image.configsOf('BROKER', '')].map(([key, value]) => [key, Number(value.split(' ')[0])])
    const newest = Math.max(-1, ...values.map(([, index]) => Number(index)))
    const first = Math.max(0, newest - KEYS + 1)
    const expected = Array.from({ length: newest - first + 1 }, (_, at) => [`key-${(first + at) % KEYS}`, first + at])
    expect(values.sort()).toEqual(expected.sort())
    return newest
  }

  files(suffix: string): readonly string[] {
    return this.fs.readdirSync(DIRECTORY).filter((name) => name.endsWith(suffix))
  }

  async turn(): Promise<void> {
    this.clock.advance(0)
    await new Promise((resolve) => setImmediate(resolve))
  }

  async settle<T>(value: Promise<T>): Promise<T> {
    let settled = false
    const outcome = value.finally(() => {
      settled = true
    })
    outcome.catch(() => {})
    while (!settled) await this.turn()
    return outcome
  }
}

async function filled(settings: Partial<SnapshotSettings> = {}, changes = CHANGES): Promise<Life> {
  const clock = new ManualClock()
  const life = await Life.open(new SimFs({ now: () => clock.wallMs() }), settings, clock)
  for (let index = 0; index < changes; index++) await life.change(index)
  return life
}

function spoil(fs: SimFs, name: string): void {
  const handle = fs.openSync(`${DIRECTORY}/${name}`, 'append')
  handle.writeSync([Buffer.from('!!!')], Math.floor(handle.size() / 2))
  handle.closeSync()
}

test('the log does not grow: what two snapshots stand for goes, and a start reads the newest and what follows', async () => {
  const life = await filled({}, 200)
  expect(life.files('.checkpoint')).toHaveLength(2)
  expect(life.log.startOffset).toBeGreaterThan(150)
  expect(life.log.sizeBytes).toBeLessThan(SETTINGS.retentionBytes + SETTINGS.recordBytesMax + SEGMENT_BYTES)
  life.clock.advance(120_000)
  expect(life.files('.log').length).toBeLessThan(8)
  await life.stop()
  const next = await Life.open(life.fs.kill())
  expect(next.newest()).toBe(199)
  expect(next.image.endOffset).toBe(life.image.endOffset)
})

test('nothing goes while there is less than the retention settings allow', async () => {
  const life = await filled({ retentionBytes: -1 })
  expect(life.files('.checkpoint').length).toBeGreaterThan(4)
  expect(life.log.startOffset).toBe(0)
  const younger = await filled({ retentionBytes: -1, retentionMs: 1000 })
  expect(younger.log.startOffset).toBe(0)
  younger.clock.advance(1001)
  for (let index = CHANGES; index < CHANGES + 10; index++) await younger.change(index)
  expect(younger.log.startOffset).toBeGreaterThan(0)
})

test('an interval that passes makes one where anything has changed', async () => {
  const life = await filled({ recordBytesMax: 1_000_000, intervalMs: 3_600_000 }, 3)
  expect(life.files('.checkpoint')).toHaveLength(0)
  life.clock.advance(3_600_000)
  for (let turn = 0; turn < 20; turn++) await life.turn()
  expect(life.files('.checkpoint')).toHaveLength(1)
  life.clock.advance(3_600_000)
  for (let turn = 0; turn < 20; turn++) await life.turn()
  expect(life.files('.checkpoint')).toHaveLength(1)
})

test('a damaged snapshot is passed over, and goes when there is another', async () => {
  const life = await filled()
  await life.stop()
  const damaged = life.files('.checkpoint').at(-1) ?? ''
  spoil(life.fs, damaged)
  const next = await Life.open(life.fs.kill())
  expect(next.newest()).toBe(CHANGES - 1)
  expect(next.log.damagedSnapshots.map(({ path }) => path)).toEqual([`${DIRECTORY}/${damaged}`])
  for (let index = CHANGES; index < CHANGES + 10; index++) await next.change(index)
  expect(next.files('.checkpoint')).not.toContain(damaged)
})

test('without a whole one, and without the log in front of it, the start says which files are damaged', async () => {
  const life = await filled()
  await life.stop()
  for (const name of life.files('.checkpoint')) spoil(life.fs, name)
  await expect(Life.open(life.fs.kill())).rejects.toThrow(
    /begins at offset \d+, and .*\.checkpoint and .*\.checkpoint are damaged; restore/,
  )
})

test('a log that was cut below the newest snapshot goes on behind it', async () => {
  const life = await filled({ retentionBytes: -1 }, 12)
  await life.stop()
  const { image } = life
  const segments = life.files('.log')
  const disk = life.fs.kill()
  for (const name of segments.slice(1)) disk.unlinkSync(`${DIRECTORY}/${name}`)
  for (const name of ['odradek-log-facts', 'leader-epoch-checkpoint']) disk.unlinkSync(`${DIRECTORY}/${name}`)
  for (const name of ['recovery-point-offset-checkpoint', 'odradek-closed-logs', '.odradek_cleanshutdown'])
    disk.unlinkSync(`data/${name}`)
  const next = await Life.open(disk)
  const newest = next.newest()
  expect(newest).toBeGreaterThan(5)
  expect(next.image.endOffset).toBeLessThanOrEqual(image.endOffset)
  expect(next.log.endOffset).toBe(next.image.endOffset)
  await next.change(newest + 1)
  await next.stop()
  expect((await Life.open(next.fs.kill())).newest()).toBe(newest + 1)
})

test('a snapshot that cannot be written costs nothing but room', async () => {
  const fs = new SimFs()
  fs.fault = (operation, path) => (path.includes('.checkpoint') && operation === 'datasync' ? 'EIO' : null)
  const life = await Life.open(fs)
  for (let index = 0; index < CHANGES; index++) await life.change(index)
  expect(life.files('.checkpoint')).toEqual([])
  expect(life.files('.tmp')).toEqual([])
  expect(life.log.startOffset).toBe(0)
  fs.fault = () => null
  life.clock.advance(60_000)
  for (let index = CHANGES; index < CHANGES + 2; index++) await life.change(index)
  expect(life.files('.checkpoint')).toHaveLength(1)
})

describe.each(['a kill', 'a power cut', 'a power cut that leaves some of it'] as const)('%s', (how) => {
  test('at any step loses nothing that was acknowledged', async () => {
    const whole = new SimFs()
    whole.changesLeft = 1_000_000
    const first = await Life.open(whole, QUICK)
    for (let index = 0; index < FEW_CHANGES; index++) await first.change(index)
    const steps = 1_000_000 - whole.changesLeft
    let cuts = 0
    for (let step = 1; step < steps; step += STRIDE) {
      const fs = new SimFs()
      fs.changesLeft = step
      let acknowledged = -1
      try {
        const life = await Life.open(fs, QUICK)
        for (let index = 0; index < FEW_CHANGES && !fs.isDead; index++) {
          await life.change(index)
          if (!fs.isDead) acknowledged = index
        }
      } catch (error) {
        if (!fs.isDead) throw error
      }
      if (how !== 'a kill') fs.losePower(how === 'a power cut' ? null : new SeededPrng(SEED * SEED_STRIDE + step))
      const next = await Life.open(fs.kill(), QUICK)
      const newest = next.newest()
      expect([SEED, step, newest >= acknowledged, newest <= acknowledged + 1]).toEqual([SEED, step, true, true])
      if (next.log.startOffset > 0) cuts++
      await next.change(newest + 1)
    }
    expect(cuts).toBeGreaterThan(2)
  }, 300_000)
})
