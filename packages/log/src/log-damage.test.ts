import { setImmediate } from 'node:timers/promises'
import { leaderEpoch, ManualClock, type ProducerId, SeededPrng, silentLogger, timestamp } from '@odradek/core'
import { buildBatch, buildEndTransactionBatch, readBatchHeader } from '@odradek/records'
import { batchesIn, LogRun, records } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { PartitionIdentity, PartitionLog } from './partition-log.ts'

// Files that are torn, gone, emptied, noise or a bit off: the same answers as before, or an honest error.

const SEED = Number(process.env['SEED'] ?? 7)
const FLIPS = Number(process.env['FLIPS'] ?? 1000)
const DIRECTORY = 'data/666f6f62617262617a71757871757578-3'
const OTHER: PartitionIdentity = { topicId: 'Zm9vYmFyYmF6cXV4cXV1eA', topicName: 'events', partition: 4 }
const CONFIG = { segmentBytes: 1500, indexIntervalBytes: 200 }

type Way = 'stop' | 'kill'

class World {
  readonly fs = new SimFs({ now: () => this.clock.wallMs() })
  readonly clock = new ManualClock()

  async open(): Promise<LogRun> {
    const { clock, fs } = this
    const settings = { fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) }
    const store = () => diskLogStore(settings)
    const engine = { clock, turn: () => setImmediate(), store, isDurable: true, dispose: async () => {} }
    return LogRun.open(engine, CONFIG)
  }

  logPaths(): string[] {
    return this.files().filter((path) => path.endsWith('.log'))
  }

  /** Every file of the data directory. */
  files(directory = 'data'): string[] {
    return this.fs.readdirSync(directory).flatMap((name) => {
      const path = `${directory}/${name}`
      return this.fs.statSync(path)?.isDirectory === true ? this.files(path) : [path]
    })
  }

  bytes(path: string): Buffer {
    return Buffer.from(this.fs.readFileSync(path) ?? [])
  }

  /** What all files hold, to begin from again. */
  snapshot(): ReadonlyMap<string, Buffer> {
    return new Map(this.files().map((path) => [path, this.bytes(path)]))
  }

  static restored(files: ReadonlyMap<string, Buffer>, wallMs: number): World {
    const world = new World()
    world.clock.jumpWall(wallMs - world.clock.wallMs())
    world.fs.mkdirSync(DIRECTORY)
    world.fs.mkdirSync(DIRECTORY.replace('-3', `-${OTHER.partition}`))
    for (const [path, bytes] of files) world.fs.openSync(path, 'create').writeSync([bytes], 0)
    return world
  }
}

const transactional = (id: number, baseSequence: number) => ({
  ...{ producerId: BigInt(id) as ProducerId, producerEpoch: 0, baseSequence, isTransactional: true },
})

/** Batches of every kind: plain, idempotent, of transactions that were committed, aborted or left open, over three epochs. */
function batches(): Uint8Array[] {
  const time = (index: number) => 1_760_000_000_000n + BigInt(index * 10)
  const marker = (id: number, outcome: 'abort' | 'commit', index: number) =>
    buildEndTransactionBatch({
      ...{ producerId: BigInt(id) as ProducerId, producerEpoch: 0, coordinatorEpoch: 0, outcome },
      timestamp: timestamp(time(index)),
    })
  return Array.from({ length: 42 }, (_, index) => {
    const round = Math.floor(index / 6)
    const content = { records: records(2, 60, time(index)) }
    const idempotent = { producerId: 4n as ProducerId, producerEpoch: 0, baseSequence: round * 2 }
    switch (index % 6) {
      case 0:
        return buildBatch({ ...content, ...idempotent })
      case 1:
        return buildBatch({ ...content, ...transactional(5, round * 2) })
      case 2:
        return buildBatch({ ...content, compressionType: 'lz4', ...transactional(6, round * 2) })
      case 3:
        return marker(5, 'abort', index)
      case 4:
        return index > 36 ? buildBatch(content) : marker(6, 'commit', index)
      default:
        return buildBatch(content)
    }
  })
}

async function fill(run: LogRun, count: number): Promise<void> {
  for (const [index, batch] of batches().slice(0, count).entries()) {
    run.log.setLeaderEpoch(leaderEpoch(Math.floor(index / 14)))
    const result = await run.appendBytes(batch, index % 10 === 9 ? 'flushed' : 'written')
    expect(result).toMatchObject({ ok: true, duplicate: false })
  }
}

/** What a start has found, without reading through all of it. */
async function stateOf(run: LogRun): Promise<unknown> {
  const { endOffset, failure, highWatermark, lastStableOffset, leaderEpoch: epoch } = run.log
  const ends = [0, 1, 2, 3].map((one) => run.log.endOffsetForEpoch(leaderEpoch(one)))
  const bytes = (await run.readAll(0)).toString('hex')
  return { endOffset, failure, highWatermark, lastStableOffset, epoch, ends, bytes, producers: producersOf(run.log) }
}

/** Everything that a log is asked for. */
async function answersOf(run: LogRun): Promise<unknown> {
  const { log } = run
  const times: unknown[] = []
  for (let time = 1_760_000_000_000n; time < 1_760_000_000_450n; time += 45n) {
    times.push(await run.settle(log.lookupTimestamp(timestamp(time), 'end')))
  }
  const reads: unknown[] = []
  for (let at = 0; at < log.endOffset; at += 3) {
    const request = { offset: at as never, bytesMax: 500, atLeastOneBatch: true, bound: 'lastStable' } as const
    const result = await run.settle(log.read(request))
    reads.push(result.ok ? [batchesIn(result.records).length, result.abortedTransactions] : result)
    if (result.ok) result.release()
  }
  const epochs = [0, 1, 2, 3].map((epoch) => log.endOffsetForEpoch(leaderEpoch(epoch)))
  return {
    ...{
      times,
      reads,
      epochs,
      bytes: (await run.readAll(0)).toString('hex'),
      max: await run.settle(log.lookupMaxTimestamp()),
    },
    ...{ start: log.startOffset, end: log.endOffset, stable: log.lastStableOffset, failure: log.failure },
    producers: producersOf(log),
  }
}

const producersOf = (log: PartitionLog) =>
  [...log.producers()].sort((a, b) => Number(a.producerId - b.producerId)).map(({ lastTimestamp: _, ...view }) => view)

async function filled(count: number, way: Way): Promise<World> {
  const world = new World()
  const run = await world.open()
  await fill(run, count)
  if (way === 'stop') await run.settle(run.store.close())
  return world
}

describe('a torn tail', () => {
  it('leaves what a log has that never had the rest, wherever the file ends', async () => {
    const total = 23
    const whole = await filled(total, 'kill')
    const files = whole.snapshot()
    const path = whole.logPaths().at(-1) ?? ''
    const bytes = whole.bytes(path)
    const inFile = batchesIn(bytes)
    expect(inFile.length).toBeGreaterThanOrEqual(3)
    const expected = new Map<number, unknown>()
    const first = inFile.at(-3)?.at ?? 0
    for (let size = bytes.byteLength; size >= first; size--) {
      const kept = inFile.filter(({ at, sizeBytes }) => at + sizeBytes <= size).length
      const count = total - (inFile.length - kept)
      if (!expected.has(count)) {
        const shorter = await filled(count, 'kill')
        expected.set(count, await stateOf(await shorter.open()))
      }
      const torn = World.restored(new Map(files).set(path, bytes.subarray(0, size)), whole.clock.wallMs())
      expect([size, await stateOf(await torn.open())]).toEqual([size, expected.get(count)])
    }
  })

  it('is found in each bit of the last batch’s header that its checksum or its place tells of', async () => {
    const total = 23
    const whole = await filled(total, 'kill')
    const files = whole.snapshot()
    const path = whole.logPaths().at(-1) ?? ''
    const last = batchesIn(whole.bytes(path)).at(-1)
    const expected = await stateOf(await (await filled(total - 1, 'kill')).open())
    for (let bit = 0; bit < 61 * 8; bit++) {
      const byte = Math.floor(bit / 8)
      const flipped = World.restored(files, whole.clock.wallMs())
      flipped.fs.disk.flipBit(path, (last?.at ?? 0) * 8 + bit)
      const run = await flipped.open()
      expect([bit, run.log.failure]).toEqual([bit, null])
      // A larger epoch is as good as the true one: no checksum covers it, and no batch follows that denies it.
      if (byte >= 12 && byte < 16 && run.log.leaderEpoch > 1) continue
      expect([bit, await stateOf(run)]).toEqual([bit, expected])
    }
  }, 60_000)
})

const noise = new SeededPrng(SEED)

describe('a file beside the records', () => {
  const damages: readonly (readonly [string, (bytes: Buffer) => Buffer | null])[] = [
    ['deleted', () => null],
    ['emptied', () => Buffer.alloc(0)],
    ['filled with noise', (bytes) => Buffer.from(noise.bytes(bytes.byteLength + 5))],
    ['cut short', (bytes) => bytes.subarray(0, Math.floor(bytes.byteLength / 2))],
    [
      'one bit off',
      (bytes) =>
        Buffer.from(bytes).fill(
          (bytes[bytes.byteLength >> 1] ?? 0) ^ 4,
          bytes.byteLength >> 1,
          (bytes.byteLength >> 1) + 1,
        ),
    ],
  ]

  it.each(damages)('when %s, one by one and all together, changes no answer', async (_, damage) => {
    for (const way of ['stop', 'kill'] as const) {
      const whole = await filled(42, way)
      const files = whole.snapshot()
      const before = await answersOf(await World.restored(files, whole.clock.wallMs()).open())
      const beside = [...files.keys()].filter((path) => !path.endsWith('.log'))
      expect(beside.length).toBeGreaterThan(6)
      for (const paths of [...beside.map((path) => [path]), beside]) {
        const damaged = new Map(files)
        for (const path of paths) {
          const bytes = damage(files.get(path) ?? Buffer.alloc(0))
          if (bytes === null) damaged.delete(path)
          else damaged.set(path, bytes)
        }
        const run = await World.restored(damaged, whole.clock.wallMs()).open()
        const note = `${way}: ${paths}`
        // A recovery point that is larger than it was says that records are gone: nobody can know that they are not.
        if (run.log.failure?.includes('was safely stored') === true) continue
        expect([note, await answersOf(run)]).toEqual([note, before])
      }
    }
  })
})

describe('a bit that flips in the middle of the records', () => {
  it('is found by the start or by the read, is never served, and stays on the disk', async () => {
    const whole = await filled(42, 'kill')
    let run = await whole.open()
    const other = await run.settle(run.store.open(OTHER, run.config))
    const unharmed = buildBatch({ records: records(3) })
    await run.settle(
      new Promise((resolve) => {
        other.append({ batch: unharmed, header: readBatchHeader(unharmed), durability: 'flushed' }, resolve)
      }),
    )
    await run.settle(other.close())
    const truth = await run.readAll(0)
    await run.settle(run.store.close())
    const ends = ['stop', 'kill'] as const
    const snapshots = new Map<Way, ReadonlyMap<string, Buffer>>([['stop', whole.snapshot()]])
    whole.fs.unlinkSync('data/.odradek_cleanshutdown')
    snapshots.set('kill', whole.snapshot())
    const starts = batchesIn(truth)
    const prng = new SeededPrng(SEED)
    const found = { start: 0, read: 0 }
    const fields = { offset: 0, epoch: 0, others: 0 }
    for (let flip = 0; flip < FLIPS; flip++) {
      const way = ends[flip % 2] ?? 'stop'
      const world = World.restored(snapshots.get(way) ?? new Map(), whole.clock.wallMs())
      const paths = world.logPaths().filter((one) => one.startsWith(DIRECTORY) && world.bytes(one).byteLength > 0)
      const path = paths[prng.below(paths.length)] ?? ''
      const pristine = world.bytes(path)
      const { bit, field } = drawBit(pristine, prng)
      fields[field]++
      world.fs.disk.flipBit(path, bit)
      const damaged = world.bytes(path)
      const note = `SEED=${SEED} flip ${flip}: bit ${bit} of ${path} after a ${way}`
      run = await world.open()
      const { startOffset } = run.log
      let isFound = run.log.failure !== null
      found[isFound ? 'start' : 'read']++
      for (let index = 0; index < starts.length && !isFound; index++) {
        const { baseOffset, at, sizeBytes } = starts[index]!
        if (baseOffset < startOffset) continue
        const request = { offset: baseOffset as never, bytesMax: 1, atLeastOneBatch: true, bound: 'end' } as const
        const result = await run.settle(run.log.read(request))
        isFound = !result.ok
        if (!result.ok) break
        const isTrue = truth.subarray(at, at + sizeBytes).equals(result.records)
        result.release()
        expect([note, baseOffset, isTrue]).toEqual([note, baseOffset, true])
      }
      expect([note, isFound]).toEqual([note, true])
      expect([note, world.bytes(path).equals(damaged)]).toEqual([note, true])
      const neighbour = await run.settle(run.store.open(OTHER, run.config))
      const request = { offset: 0 as never, bytesMax: 1, atLeastOneBatch: true, bound: 'end' } as const
      const served = await run.settle(neighbour.read(request))
      expect([note, served.ok && Buffer.from(unharmed).equals(served.records)]).toEqual([note, true])
      if (served.ok) served.release()
    }
    // Every bit of every file of records is guarded: none of the flips was passed over, and none was harmless.
    expect(found.start + found.read).toBe(FLIPS)
    for (const count of [...Object.values(found), ...Object.values(fields)]) expect(count).toBeGreaterThan(FLIPS / 20)
  }, 120_000)
})

/** Base offset and epoch of a batch are outside its checksum: every third bit is one of theirs. */
function drawBit(pristine: Buffer, prng: SeededPrng): { bit: number; field: 'offset' | 'epoch' | 'others' } {
  const inFile = batchesIn(pristine)
  if (prng.below(3) > 0) {
    const bit = prng.below(pristine.byteLength * 8)
    const byte = Math.floor(bit / 8)
    const at = byte - (inFile.findLast((batch) => batch.at <= byte)?.at ?? 0)
    return { bit, field: at < 8 ? 'offset' : at >= 12 && at < 16 ? 'epoch' : 'others' }
  }
  const at = inFile[prng.below(inFile.length)]?.at ?? 0
  const field = prng.below(2) === 0 ? 'offset' : 'epoch'
  const bit = field === 'offset' ? at * 8 + prng.below(64) : (at + 12) * 8 + prng.below(32)
  return { bit, field }
}
