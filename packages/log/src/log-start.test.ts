import { setImmediate } from 'node:timers/promises'
import { leaderEpoch, ManualClock, offset, producerId, SeededPrng, silentLogger, timestamp } from '@odradek/core'
import { type BatchToBuild, buildEndTransactionBatch } from '@odradek/records'
import { BASE_TIMESTAMP, LogRun, records } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { LogConfig } from './log-config.ts'
import type { PartitionLog } from './partition-log.ts'

// What a start reads, what it need not read, and that neither shows.

const NAME = '666f6f62617262617a71757871757578-3'
const DIRECTORY = `data/${NAME}`
const CLEAN_MARKER = 'data/.odradek_cleanshutdown'

async function start(changes: Partial<LogConfig> = {}) {
  const clock = new ManualClock(Number(BASE_TIMESTAMP))
  const disk = new SimFs({ now: () => clock.wallMs() })
  const reads: string[] = []
  disk.fault = (operation, path) => {
    if (operation === 'read' && path.endsWith('.log')) reads.push(path.slice(DIRECTORY.length + 1, -4))
    return null
  }
  const engine = {
    clock,
    turn: () => setImmediate(),
    store: () => diskLogStore({ fs: disk, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) }),
    isDurable: true,
    dispose: async () => {},
  }
  const run = await LogRun.open(engine, { segmentBytes: 1200, indexIntervalBytes: 150, ...changes })
  return { run, disk, reads, history: new History(run) }
}

function write(disk: SimFs, path: string, bytes: Uint8Array): void {
  const handle = disk.openSync(path, 'create')
  handle.writeSync([bytes], 0)
  handle.closeSync()
}

const filesOf = (disk: SimFs, ending = '') => disk.readdirSync(DIRECTORY).filter((name) => name.endsWith(ending))
const bytesOf = (disk: SimFs, name: string) => Buffer.from(disk.readFileSync(`${DIRECTORY}/${name}`) ?? [])

interface Sent {
  readonly batch: BatchToBuild
  readonly baseOffset: number
}

/** Producers, transactions and epochs at random; and all that anybody could ask of the log afterwards. */
class History {
  private readonly run: LogRun
  private readonly sent = new Map<number, Sent[]>()
  private readonly open = new Set<number>()
  private readonly sequences = new Map<number, number>()
  private epoch = 0

  constructor(run: LogRun) {
    this.run = run
  }

  async grow(prng: SeededPrng, steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      if (prng.below(15) === 0) this.run.log.setLeaderEpoch(leaderEpoch(++this.epoch))
      this.run.engine.clock.advance(prng.below(20))
      // The last producer is not transactional, the first none at all.
      const id = prng.below(5)
      if (this.open.has(id) && prng.below(3) === 0) await this.end(id, prng.below(2) === 0)
      else await this.send(id, prng)
    }
  }

  async end(id: number, isAbort: boolean): Promise<void> {
    const outcome = isAbort ? 'abort' : 'commit'
    const time = timestamp(BigInt(this.run.engine.clock.wallMs()))
    const fields = { producerId: producerId(BigInt(id)), producerEpoch: 0, coordinatorEpoch: 2, timestamp: time }
    expect(await this.run.appendBytes(buildEndTransactionBatch({ ...fields, outcome }))).toMatchObject({ ok: true })
    this.open.delete(id)
  }

  private async send(id: number, prng: SeededPrng): Promise<void> {
    const time = BigInt(this.run.engine.clock.wallMs() - prng.below(50))
    const plain: BatchToBuild = {
      records: records(1 + prng.below(3), prng.below(80), time),
      compressionType: prng.below(4) === 0 ? 'gzip' : 'none',
    }
    if (id === 0) {
      expect(await this.run.append(plain)).toMatchObject({ ok: true })
      return
    }
    const baseSequence = this.sequences.get(id) ?? 0
    const isTransactional = id < 4
    const batch = { ...plain, producerId: producerId(BigInt(id)), producerEpoch: 0, baseSequence, isTransactional }
    const result = await this.run.append(batch)
    if (!result.ok) throw new Error(result.error)
    if (isTransactional) this.open.add(id)
    this.sequences.set(id, baseSequence + plain.records.length)
    this.sent.set(id, [...(this.sent.get(id) ?? []), { batch, baseOffset: result.baseOffset }].slice(-5))
  }

  async answers() {
    const { run } = this
    const { log } = run
    const lookups = []
    for (let time = -60; time < 900; time += 37) {
      lookups.push(await run.settle(log.lookupTimestamp(timestamp(BASE_TIMESTAMP + BigInt(time)), 'end')))
    }
    lookups.push(await run.settle(log.lookupMaxTimestamp()))
    const reads = []
    for (let at: number = log.startOffset; at < log.endOffset; at += 3) {
      for (const bytesMax of [0, 700, 1_000_000]) reads.push(await this.committed(at, bytesMax))
    }
    const epochs = []
    for (let epoch = 0; epoch <= this.epoch; epoch++) epochs.push(log.endOffsetForEpoch(leaderEpoch(epoch)))
    const { startOffset, endOffset, lastStableOffset, leaderEpoch: latest, sizeBytes, failure, wasCut } = log
    const offsets = { startOffset, endOffset, lastStableOffset, latest, sizeBytes, failure, wasCut }
    const producers = [...log.producers()].sort((a, b) => Number(a.producerId - b.producerId))
    return { offsets, lookups, reads, epochs, producers, repeats: await this.repeats() }
  }

  private async committed(at: number, bytesMax: number) {
    const request = { offset: offset(at), bytesMax, atLeastOneBatch: true, bound: 'lastStable' } as const
    const result = await this.run.settle(this.run.log.read(request))
    if (!result.ok) throw new Error(`${result.error}: ${this.run.log.failure}`)
    result.release()
    return { at, sizeBytes: result.records.byteLength, aborted: result.abortedTransactions }
  }

  /** Every one of a producer's last five batches is still recognised, and none is stored again. */
  private async repeats() {
    const answers = []
    for (const sent of this.sent.values()) {
      for (const { batch, baseOffset } of sent) {
        const answer = await this.run.append(batch)
        expect(answer).toMatchObject({ ok: true, duplicate: true, baseOffset })
        answers.push(answer)
      }
    }
    return answers
  }
}

describe('a start after a clean stop', () => {
  it('reads no log at all and knows everything', async () => {
    const { run, reads, history } = await start()
    await history.grow(new SeededPrng(4), 150)
    const before = await history.answers()
    expect(before.offsets.lastStableOffset).toBeLessThan(before.offsets.endOffset)
    expect(before.reads.flatMap(({ aborted }) => aborted).length).toBeGreaterThan(20)
    await run.settle(run.store.close())
    reads.length = 0
    await run.reopen()
    expect(reads).toEqual([])
    expect(await history.answers()).toEqual(before)
    // And goes on as if nothing had been.
    await history.grow(new SeededPrng(5), 60)
    const later = await history.answers()
    await run.restart()
    expect(await history.answers()).toEqual(later)
  })

  it('knows producers whose records are gone, and where the log begins', async () => {
    const { run, disk, history } = await start()
    await history.grow(new SeededPrng(6), 150)
    await run.settle(run.log.deleteRecordsBefore(offset(run.log.lastStableOffset - 1)))
    const before = await history.answers()
    await run.settle(run.store.close())
    disk.unlinkSync('data/log-start-offset-checkpoint')
    await run.reopen()
    expect(await history.answers()).toEqual(before)
  })

  it('does without a segment that was begun and not written to', async () => {
    const { run, disk, reads, history } = await start()
    await history.grow(new SeededPrng(7), 40)
    const before = await history.answers()
    run.log.configure({ ...run.config, segmentBytes: 200 })
    const { fault } = disk
    disk.fault = (operation, path) =>
      operation === 'write' && path.endsWith('.log') ? 'ENOSPC' : fault(operation, path)
    expect(await run.append({ records: records(1) })).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' })
    disk.fault = fault
    expect(bytesOf(disk, filesOf(disk, '.log').at(-1) ?? '')).toHaveLength(0)
    await run.settle(run.store.close())
    reads.length = 0
    await run.reopen()
    expect(reads).toEqual([])
    expect(await history.answers()).toEqual(before)
  })

  it('finds that a log is shorter than it was, although nobody asks', async () => {
    const { run, disk } = await start({ segmentBytes: 400 })
    for (let index = 0; index < 6; index++) await run.append({ records: records(2, 50) }, 'flushed')
    await run.settle(run.store.close())
    const [first = ''] = filesOf(disk, '.log')
    write(disk, `${DIRECTORY}/${first}`, bytesOf(disk, first).subarray(0, -40))
    await run.reopen()
    expect(run.log.failure).toContain('odradek storage repair data')
    expect(run.log.failure).toMatch(/00000000000000000000\.log is damaged at position \d+, offsets \d+ to 11/)
  })
})

describe('a start after a kill', () => {
  it('reads what follows the recovery point, whole, and nothing before', async () => {
    const { run, disk, reads, history } = await start()
    await history.grow(new SeededPrng(8), 100)
    await run.settle(run.log.flush())
    run.engine.clock.advance(60_000)
    await run.settle(setImmediate())
    await history.grow(new SeededPrng(9), 60)
    const before = await history.answers()
    const checkpoint = Buffer.from(disk.readFileSync('data/recovery-point-offset-checkpoint') ?? []).toString()
    const recoveryPoint = Number(checkpoint.trim().split(' ').at(-1))
    expect(recoveryPoint).toBeGreaterThan(100)
    reads.length = 0
    await run.reopen()
    const bases = filesOf(disk, '.log').map((name) => Number(name.slice(0, 20)))
    const firstRead = Math.max(...bases.filter((base) => base <= recoveryPoint))
    expect(new Set(reads.map(Number))).toEqual(new Set(bases.filter((base) => base >= firstRead)))
    expect(await history.answers()).toEqual(before)
    // What was read is on the device now, and need not be read again.
    run.engine.clock.advance(60_000)
    await run.settle(run.store.close())
    disk.unlinkSync(CLEAN_MARKER)
    reads.length = 0
    await run.reopen()
    expect(reads).toEqual([])
    expect(await history.answers()).toEqual(before)
  })

  it('takes away what tells of records beyond the end', async () => {
    const { run, disk, history } = await start({ flush: 'os' })
    await history.grow(new SeededPrng(10), 100)
    const logs = filesOf(disk, '.log')
    const third = logs[2] ?? ''
    write(disk, `${DIRECTORY}/${third}`, bytesOf(disk, third).subarray(0, -1))
    await run.reopen()
    const { log } = run
    expect([log.failure, log.wasCut]).toEqual([null, true])
    expect(filesOf(disk, '.snapshot').every((name) => Number(name.slice(0, 20)) <= log.endOffset)).toBe(true)
    expect(filesOf(disk, '.log')).toEqual(logs.slice(0, 3))
  })

  it('keeps the newest snapshot that belongs to no segment, and no other', async () => {
    const { run, disk } = await start({ segmentBytes: 100_000 })
    for (let index = 0; index < 4; index++) {
      await run.append({ records: records(2) })
      await run.restart()
    }
    expect(filesOf(disk, '.snapshot').map((name) => Number(name.slice(0, 20)))).toEqual([8])
    write(disk, `${DIRECTORY}/00000000000000000005.snapshot`, Buffer.from('stray'))
    await run.restart()
    expect(filesOf(disk, '.snapshot').map((name) => Number(name.slice(0, 20)))).toEqual([8])
  })
})

describe('files that only save time', () => {
  const firstSeed = Number(process.env['SEED'] ?? 1)
  const rounds = Number(process.env['ROUNDS'] ?? 5)

  it.each(['stop', 'kill'])(
    'may be deleted, emptied, cut, changed or filled with noise after a %s',
    async (how) => {
      for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
        const prng = new SeededPrng(seed)
        const { run, disk, history } = await start({ segmentBytes: 700 + prng.below(1500) })
        await history.grow(prng, 60)
        if (prng.below(2) === 0) await run.restart()
        await history.grow(prng, 40)
        if (prng.below(2) === 0) await run.settle(run.log.flush())
        const before = await history.answers()
        if (how === 'stop') await run.settle(run.store.close())
        const changed: string[] = []
        for (const name of filesOf(disk).filter((one) => !one.endsWith('.log'))) {
          if (prng.below(3) > 0) continue
          changed.push(name)
          const after = damaged(bytesOf(disk, name), prng)
          if (after === null) disk.unlinkSync(`${DIRECTORY}/${name}`)
          else write(disk, `${DIRECTORY}/${name}`, after)
        }
        if (prng.below(3) === 0) disk.unlinkSync('data/recovery-point-offset-checkpoint')
        await run.reopen()
        expect([seed, changed, await history.answers()]).toEqual([seed, changed, before])
        await history.grow(prng, 20)
        const later = await history.answers()
        await run.restart()
        expect([seed, changed, await history.answers()]).toEqual([seed, changed, later])
      }
    },
    20_000 + rounds * 1000,
  )

  it('are not written by logs in memory alone, or for a log that never had a record', async () => {
    const { run, disk } = await start()
    await run.restart()
    expect(filesOf(disk)).toEqual(['partition.metadata'])
  })
})

function damaged(bytes: Buffer, prng: SeededPrng): Buffer | null {
  switch (prng.below(5)) {
    case 0:
      return null
    case 1:
      return Buffer.alloc(0)
    case 2:
      return bytes.subarray(0, prng.below(bytes.byteLength + 1))
    case 3:
      return Buffer.from(prng.bytes(bytes.byteLength + prng.below(3)))
    default: {
      const changed = Buffer.from(bytes)
      if (changed.byteLength > 0) changed[prng.below(changed.byteLength)]! ^= 1 << prng.below(8)
      return changed
    }
  }
}

describe('a partition that is not where it was', () => {
  const flushAndLose = async (log: (run: LogRun) => Promise<unknown>) => {
    const { run, disk } = await start()
    await log(run)
    run.engine.clock.advance(60_000)
    await run.settle(setImmediate())
    for (const name of filesOf(disk)) disk.unlinkSync(`${DIRECTORY}/${name}`)
    await disk.removeDirectory(DIRECTORY)
    await run.reopen()
    return { run, disk }
  }

  it('is offline when it had records on the device, and stays so', async () => {
    const { run, disk } = await flushAndLose((one) => one.append({ records: records(3) }, 'flushed'))
    expect(run.log.failure).toContain('was safely stored up to 3')
    expect(run.log.failure).toContain('odradek storage check data')
    await expect(run.read(0)).rejects.toThrow('KAFKA_STORAGE_ERROR')
    expect(disk.readdirSync('data')).not.toContain(NAME)
    await run.restart()
    expect(run.log.failure).toContain('was safely stored up to 3')
  })

  it('is made anew when none was promised to be there', async () => {
    const { run } = await flushAndLose((one) => one.append({ records: records(3) }))
    expect([run.log.failure, run.log.endOffset]).toEqual([null, 0])
    expect(await run.append({ records: records(1) }, 'flushed')).toMatchObject({ ok: true, baseOffset: 0 })
  })
})

describe('a log whose batches are flushed one by one', () => {
  const damagedAt = async (which: number, changes: Partial<LogConfig>) => {
    const { run, disk } = await start({ segmentBytes: 100_000, ...changes })
    for (let index = 0; index < 4; index++) await run.append({ records: records(2, 50) }, 'flushed')
    disk.unlinkSync('data/recovery-point-offset-checkpoint')
    const [name = ''] = filesOf(disk, '.log')
    const bytes = bytesOf(disk, name)
    bytes[Math.floor((bytes.byteLength / 4) * (which + 0.6))]! ^= 8
    write(disk, `${DIRECTORY}/${name}`, bytes)
    await run.reopen()
    return { log: run.log as PartitionLog, isUnchanged: bytesOf(disk, name).equals(bytes) }
  }

  it('is not cut where a whole batch follows the damaged one', async () => {
    const { log, isUnchanged } = await damagedAt(1, { isEachBatchFlushed: true })
    expect(log.failure).toMatch(/damaged at position \d+, offsets 2 to 3 at the most/)
    expect(isUnchanged).toBe(true)
  })

  it('is cut where none does', async () => {
    const { log } = await damagedAt(3, { isEachBatchFlushed: true })
    expect([log.failure, log.wasCut, log.endOffset]).toEqual([null, true, 6])
  })

  it('differs from others in that: there the device may have been given the later one first', async () => {
    const { log } = await damagedAt(1, {})
    expect([log.failure, log.wasCut, log.endOffset]).toEqual([null, true, 2])
  })
})
