import { setImmediate } from 'node:timers/promises'
import { leaderEpoch, ManualClock, offset, SeededPrng, silentLogger, timestamp } from '@odradek/core'
import { buildBatch } from '@odradek/records'
import { CHECKED_MS } from './checked-range.ts'
import { batchesIn, LogRun, records } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { LogConfig } from './log-config.ts'
import type { Durability } from './partition-log.ts'

// What a log finds when the process before it died, or somebody has been at its files.

const DIRECTORY = 'data/666f6f62617262617a71757871757578-3'

async function start(changes: Partial<LogConfig> = {}) {
  const clock = new ManualClock()
  const disk = new SimFs({ now: () => clock.wallMs() })
  const settings = { fs: disk, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) }
  const engine = {
    clock,
    turn: () => setImmediate(),
    store: () => diskLogStore(settings),
    isDurable: true,
    dispose: async () => {},
  }
  return { run: await LogRun.open(engine, changes), disk }
}

function write(disk: SimFs, path: string, bytes: Uint8Array): void {
  const handle = disk.openSync(path, 'create')
  handle.writeSync([bytes], 0)
  handle.closeSync()
}

function pathOf(disk: SimFs, ending: string): string {
  const names = disk.readdirSync(DIRECTORY).filter((name) => name.endsWith(ending))
  return `${DIRECTORY}/${names.at(-1)}`
}

function bytesOf(disk: SimFs, path: string): Buffer {
  return Buffer.from(disk.readFileSync(path) ?? [])
}

describe('a torn tail', () => {
  it('is cut at the first batch that is not whole, wherever the file ends', async () => {
    const { run, disk } = await start()
    for (const size of [40, 10, 25, 15]) await run.append({ records: records(2, size) })
    const path = pathOf(disk, '.log')
    const whole = bytesOf(disk, path)
    const ends = batchesIn(whole).map(({ at, sizeBytes }) => at + sizeBytes)
    for (let size = whole.byteLength - 1; size >= (ends[0] ?? 0); size--) {
      write(disk, path, whole.subarray(0, size))
      await run.reopen()
      const kept = ends.filter((end) => end <= size)
      expect([size, run.log.failure, run.log.endOffset]).toEqual([size, null, kept.length * 2])
      expect([size, run.log.wasCut]).toEqual([size, !kept.includes(size)])
      expect((await run.readAll(0)).equals(whole.subarray(0, kept.at(-1)))).toBe(true)
      expect(disk.statSync(path)?.sizeBytes).toBe(kept.at(-1))
    }
    expect(await run.append({ records: records(1) })).toMatchObject({ ok: true, baseOffset: 2 })
  })

  it('of garbage or zeros is cut like one that is short', async () => {
    const { run, disk } = await start()
    await run.append({ records: records(2, 40) })
    const path = pathOf(disk, '.log')
    const whole = bytesOf(disk, path)
    for (const tail of [Buffer.alloc(5000), Buffer.alloc(3, 0xff), Buffer.from(new SeededPrng(3).bytes(777)), whole]) {
      write(disk, path, Buffer.concat([whole, tail]))
      await run.reopen()
      expect([run.log.failure, run.log.wasCut, run.log.endOffset]).toEqual([null, true, 2])
      expect((await run.readAll(0)).equals(whole)).toBe(true)
    }
  })

  it('after a clean stop is told from a last batch whose size has changed', async () => {
    const { run, disk } = await start()
    for (let index = 0; index < 2; index++) await run.append({ records: records(2, 40) })
    const path = pathOf(disk, '.log')
    const whole = bytesOf(disk, path)
    for (const tail of [Buffer.alloc(5000), Buffer.from(new SeededPrng(4).bytes(777))]) {
      await run.end()
      write(disk, path, Buffer.concat([whole, tail]))
      await run.reopen()
      expect([run.log.failure, run.log.wasCut, run.log.endOffset]).toEqual([null, true, 4])
      expect((await run.readAll(0)).equals(whole)).toBe(true)
    }
    await run.end()
    const sizeAt = (batchesIn(whole)[1]?.at ?? 0) + 8
    // Of another size than the log's facts say, so that it is read.
    const shorter = Buffer.concat([whole, Buffer.alloc(1)])
    shorter.writeInt32BE(shorter.readInt32BE(sizeAt) - 7, sizeAt)
    write(disk, path, shorter)
    await run.reopen()
    expect(run.log.failure).toContain('is damaged at position')
    expect(bytesOf(disk, path).equals(shorter)).toBe(true)
  })

  it('is found in every bit of the last batches', async () => {
    const { run, disk } = await start()
    for (let index = 0; index < 3; index++) await run.append({ records: records(2, 10) })
    const path = pathOf(disk, '.log')
    const whole = bytesOf(disk, path)
    const last = batchesIn(whole)[2]!
    // Base offset and leader epoch are outside the checksum: a lower offset is noticed, another epoch cannot be.
    const guarded = [...Array(last.sizeBytes).keys()].filter((at) => at < 8 || at >= 16)
    for (const at of guarded) {
      const bytes = Buffer.from(whole)
      bytes[last.at + at]! ^= at < 8 ? 0x80 : 1 << (at % 8)
      write(disk, path, bytes)
      await run.reopen()
      const expected = at > 0 && at < 8 ? expect.any(Number) : 4
      expect([at, run.log.failure, run.log.endOffset]).toEqual([at, null, expected])
      if (at >= 16 || at === 0) expect((await run.readAll(0)).equals(whole.subarray(0, last.at))).toBe(true)
    }
  })

  it('in the middle takes the segments after it along', async () => {
    const { run, disk } = await start({ segmentBytes: 500, flush: 'os' })
    for (let index = 0; index < 12; index++) await run.append({ records: records(2, 50) })
    const logs = disk.readdirSync(DIRECTORY).filter((name) => name.endsWith('.log'))
    expect(logs.length).toBeGreaterThan(3)
    const second = `${DIRECTORY}/${logs[1]}`
    const bytes = bytesOf(disk, second)
    bytes[bytes.byteLength - 1]! ^= 1
    write(disk, second, bytes)
    await run.reopen()
    const base = Number(logs[1]?.slice(0, 20))
    expect(run.log.wasCut).toBe(true)
    expect(run.log.endOffset).toBe(base + (batchesIn(bytes).length - 1) * 2)
    expect(disk.readdirSync(DIRECTORY).filter((name) => name.endsWith('.log'))).toEqual(logs.slice(0, 2))
    expect(await run.append({ records: records(1) })).toMatchObject({ ok: true, baseOffset: run.log.endOffset - 1 })
    await run.restart()
    expect(disk.readdirSync(DIRECTORY).filter((name) => name.endsWith('.deleted'))).toEqual([])
  })
})

describe('damage below the last durable point', () => {
  it.each([
    ['a changed byte', (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === 80 ? byte ^ 1 : byte)))],
    ['a lost end', (bytes: Buffer) => bytes.subarray(0, bytes.byteLength - 100)],
    ['a missing file', () => null],
  ])('(%s) is kept as it is, and the partition is offline', async (_, change) => {
    const { run, disk } = await start()
    for (let index = 0; index < 3; index++) await run.append({ records: records(2, 50) }, 'flushed')
    await run.settle(run.store.close())
    const path = pathOf(disk, '.log')
    const damaged = change(bytesOf(disk, path))
    if (damaged === null) disk.unlinkSync(path)
    else write(disk, path, damaged)
    disk.unlinkSync('data/.odradek_cleanshutdown')
    // Without it the bytes are read at start, not first for somebody.
    disk.unlinkSync('data/odradek-closed-logs')
    await run.reopen()
    expect(run.log.failure).toEqual(expect.any(String))
    await expect(run.read(0)).rejects.toThrow('KAFKA_STORAGE_ERROR')
    expect(await run.append({ records: records(1) })).toMatchObject({ ok: false, error: 'KAFKA_STORAGE_ERROR' })
    if (damaged !== null) expect(bytesOf(disk, path).equals(damaged)).toBe(true)
    // A stop of the others does not make it whole.
    await run.restart()
    expect(run.log.failure).toEqual(expect.any(String))
  })

  it('found by a read of bytes from the device is not served', async () => {
    const { run, disk } = await start()
    for (let index = 0; index < 3; index++) await run.append({ records: records(2, 50) }, 'flushed')
    await run.settle(run.store.close())
    const path = pathOf(disk, '.log')
    const bytes = bytesOf(disk, path)
    bytes[bytes.byteLength - 3]! ^= 4
    write(disk, path, bytes)
    await run.reopen()
    expect(run.log.failure).toBeNull()
    await expect(run.read(0)).rejects.toThrow('KAFKA_STORAGE_ERROR')
    expect(run.log.failure).toContain('checksum of offsets 4 to 5')
  })

  it('found by a read is not served, also when the same bytes were right before', async () => {
    const { run, disk } = await start()
    for (let index = 0; index < 3; index++) await run.append({ records: records(2, 50) }, 'flushed')
    await run.restart()
    const before = await run.read(0)
    const path = pathOf(disk, '.log')
    const bytes = bytesOf(disk, path)
    bytes[bytes.byteLength - 3]! ^= 4
    write(disk, path, bytes)
    run.engine.clock.advance(CHECKED_MS)
    expect(before?.byteLength).toBe(bytes.byteLength)
    await expect(run.read(0)).rejects.toThrow('KAFKA_STORAGE_ERROR')
    expect(run.log.failure).toContain('checksum of offsets 4 to 5')
  })
})

describe('files that can be made anew', () => {
  const fill = async (run: LogRun) => {
    for (let index = 0; index < 40; index++) {
      run.log.setLeaderEpoch(leaderEpoch(Math.floor(index / 10)))
      const time = 1000n + BigInt(index * 10)
      await run.append({
        records: records(2, 60, time),
        producerId: 4n as never,
        producerEpoch: 0,
        baseSequence: index * 2,
      })
    }
  }
  const answers = async (run: LogRun) => {
    const lookups = []
    for (const time of [0, 1001, 1100, 1205, 1391, 2000]) {
      lookups.push(await run.settle(run.log.lookupTimestamp(timestamp(BigInt(time)), 'end')))
    }
    const reads = []
    for (let at = 0; at < 80; at++) reads.push((await run.read(at, 0))?.toString())
    const epochs = [0, 1, 2, 3].map((epoch) => run.log.endOffsetForEpoch(leaderEpoch(epoch)))
    return { lookups, reads, epochs, end: run.log.endOffset, failure: run.log.failure, producers: run.log.producers() }
  }
  const noise = new SeededPrng(9)

  it.each([
    ['deleted', () => null],
    ['emptied', () => Buffer.alloc(0)],
    ['filled with noise', (bytes: Buffer) => Buffer.from(noise.bytes(bytes.byteLength + 5))],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.byteLength / 2))],
  ])('when %s give the same answers as before', async (_, change) => {
    for (const how of ['stop', 'kill']) {
      const { run, disk } = await start({ segmentBytes: 1500, indexIntervalBytes: 150 })
      await fill(run)
      const before = await answers(run)
      if (how === 'stop') await run.settle(run.store.close())
      const names = disk.readdirSync(DIRECTORY).filter((name) => !name.endsWith('.log'))
      expect(names.length).toBeGreaterThan(6)
      for (const name of names) {
        const path = `${DIRECTORY}/${name}`
        const changed = change(bytesOf(disk, path))
        if (changed === null) disk.unlinkSync(path)
        else write(disk, path, changed)
      }
      await run.reopen()
      expect([how, await answers(run)]).toEqual([how, before])
    }
  })

  it('while the log is in use, too', async () => {
    const { run, disk } = await start({ segmentBytes: 1500, indexIntervalBytes: 150 })
    await fill(run)
    const before = await answers(run)
    for (const name of disk.readdirSync(DIRECTORY).filter((one) => one.endsWith('.index'))) {
      write(disk, `${DIRECTORY}/${name}`, Buffer.from(noise.bytes(80)))
    }
    expect(await answers(run)).toEqual(before)
  })
})

describe('the files', () => {
  it('are Kafka’s, byte for byte', async () => {
    const { run, disk } = await start({ segmentBytes: 400, indexIntervalBytes: 100 })
    run.log.setLeaderEpoch(leaderEpoch(3))
    const sizeBytes = buildBatch({ records: records(2, 20) }).byteLength
    for (let index = 0; index < 4; index++) await run.append({ records: records(2, 20, 1000n + BigInt(index * 10)) })
    await run.settle(run.store.close())
    const segment = (suffix: string) => `${DIRECTORY}/00000000000000000000.${suffix}`
    expect(sizeBytes).toBe(115)
    expect(disk.readdirSync(DIRECTORY)).toEqual([
      '00000000000000000000.index',
      '00000000000000000000.log',
      '00000000000000000000.timeindex',
      '00000000000000000006.index',
      '00000000000000000006.log',
      '00000000000000000006.snapshot',
      '00000000000000000006.timeindex',
      '00000000000000000008.snapshot',
      'leader-epoch-checkpoint',
      'odradek-log-facts',
      'partition.metadata',
    ])
    // The second batch is the first after more than 100 bytes: last offset 3 at position 115; the third likewise.
    expect(bytesOf(disk, segment('index')).toString('hex')).toBe('0000000300000073' + '00000005000000e6')
    expect(bytesOf(disk, segment('timeindex')).toString('hex')).toBe(
      '00000000000003f300000003' + '00000000000003fd00000005',
    )
    expect(bytesOf(disk, `${DIRECTORY}/leader-epoch-checkpoint`).toString()).toBe('0\n1\n3 0\n')
    expect(bytesOf(disk, `${DIRECTORY}/partition.metadata`).toString()).toBe(
      'version: 0\ntopic_id: Zm9vYmFyYmF6cXV4cXV1eA',
    )
    expect(bytesOf(disk, 'data/recovery-point-offset-checkpoint').toString()).toBe('0\n1\nZm9vYmFyYmF6cXV4cXV1eA 3 8\n')
    await run.reopen()
    await run.settle(run.log.deleteRecordsBefore(offset(7)))
    expect(bytesOf(disk, 'data/log-start-offset-checkpoint').toString()).toBe('0\n1\nZm9vYmFyYmF6cXV4cXV1eA 3 7\n')
  })

  it('begin anew before an index is full, and before an offset is too far from the first', async () => {
    const { run, disk } = await start({ segmentIndexBytes: 48, indexIntervalBytes: 0 })
    const logs = () => disk.readdirSync(DIRECTORY).filter((name) => name.endsWith('.log'))
    for (let index = 0; index < 9; index++) await run.append({ records: records(1, 10, BigInt(index)) })
    // Four entries of 12 bytes, one of them kept for the last timestamp; the first batch of a segment has none.
    expect(logs().map((name) => Number(name.slice(0, 20)))).toEqual([0, 4, 8])
    run.log.configure({ ...run.config, segmentIndexBytes: 1000 })
    // The second ends exactly 2^31 - 1 after the segment's first offset.
    for (const lastOffsetDelta of [2_147_483_638, 7, 0, 2_147_483_647]) {
      await run.append({ records: records(1, 10, 9n), lastOffsetDelta })
    }
    const far = 8 + 2_147_483_648
    expect(logs().map((name) => Number(name.slice(0, 20)))).toEqual([0, 4, 8, far, far + 1])
    const before = await run.readAll(0)
    await run.restart()
    expect((await run.readAll(0)).equals(before)).toBe(true)
    expect(run.log.endOffset).toBe(far + 1 + 2_147_483_648)
  })

  it('of removed partitions and segments go away, now or at the next start', async () => {
    const { run, disk } = await start({ segmentBytes: 400 })
    for (let index = 0; index < 8; index++) await run.append({ records: records(2, 100) })
    await run.settle(run.log.deleteRecordsBefore(offset(9)))
    const deleted = () => disk.readdirSync(DIRECTORY).filter((name) => name.endsWith('.deleted'))
    expect(deleted().length).toBeGreaterThan(0)
    run.engine.clock.advance(run.config.fileDeleteDelayMs)
    await run.settle(setImmediate())
    expect(deleted()).toEqual([])
    await run.settle(run.log.close())
    await run.settle(run.store.remove({ topicId: 'Zm9vYmFyYmF6cXV4cXV1eA', topicName: '', partition: 3 }))
    await run.settle(setImmediate())
    expect(disk.readdirSync('data').filter((name) => name.includes('-3'))).toEqual([])
    disk.mkdirSync('data/666f6f62617262617a71757871757578-3.0-delete')
    run.engine.store()
    await run.settle(setImmediate())
    expect(disk.readdirSync('data').filter((name) => name.includes('-3'))).toEqual([])
  })
})

describe('a power cut', () => {
  it('takes nothing that was acknowledged as flushed, and leaves a clean beginning of the rest', async () => {
    const firstSeed = Number(process.env['SEED'] ?? 100)
    const rounds = Number(process.env['ROUNDS'] ?? 40)
    for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
      const prng = new SeededPrng(seed)
      const { run, disk } = await start({ segmentBytes: 2000 + prng.below(3000), indexIntervalBytes: 200 })
      let acknowledged = 0
      let all: Buffer = Buffer.alloc(0)
      for (let life = 0; life < 3; life++) {
        for (let step = 0; step < 12; step++) {
          const durability: Durability = prng.below(3) === 0 ? 'flushed' : 'written'
          const batch = buildBatch({ records: records(1 + prng.below(3), prng.below(600)) })
          const result = await run.appendBytes(batch, durability)
          expect([seed, result.ok]).toEqual([seed, true])
          if (result.ok && durability === 'flushed') acknowledged = result.lastOffset + 1
        }
        all = await run.readAll(0)
        disk.losePower(prng)
        await run.reopen()
        const left = await run.readAll(0)
        expect([seed, life, run.log.failure]).toEqual([seed, life, null])
        expect([seed, run.log.endOffset >= acknowledged]).toEqual([seed, true])
        expect([seed, left.equals(all.subarray(0, left.byteLength))]).toEqual([seed, true])
        acknowledged = run.log.endOffset
      }
    }
  })

  it('does take what was only said to be flushed, so that the test above proves something', async () => {
    const { run, disk } = await start({ flush: 'os' })
    const result = await run.append({ records: records(1) }, 'flushed')
    expect(result).toMatchObject({ ok: true, lastOffset: 0 })
    disk.losePower()
    await run.reopen()
    expect(run.log.endOffset).toBe(0)
  })
})
