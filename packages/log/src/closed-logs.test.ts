import { setImmediate } from 'node:timers/promises'
import { leaderEpoch, ManualClock, offset, producerId, SeededPrng, silentLogger, timestamp } from '@odradek/core'
import { buildBatch, buildEndTransactionBatch } from '@odradek/records'
import { TAIL_BYTES_MAX } from './closed-log-loader.ts'
import { BASE_TIMESTAMP, LogRun, records } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { LogConfig } from './log-config.ts'

// A start that opens no file of a log, and what must make it look.

const SEED = Number(process.env['SEED'] ?? Date.now() % 1e9)
/** Power cuts between a clean stop and the next start. */
const SEEDS = 40
const DIRECTORY = 'data/666f6f62617262617a71757871757578-3'
const CLOSED_LOGS = 'data/odradek-closed-logs'
const CLEAN_MARKER = 'data/.odradek_cleanshutdown'

async function start(changes: Partial<LogConfig> = {}) {
  const clock = new ManualClock(Number(BASE_TIMESTAMP))
  const disk = new SimFs({ now: () => clock.wallMs() })
  const touched: string[] = []
  disk.fault = (operation, path) => {
    if (path.startsWith(`${DIRECTORY}/`) || path === DIRECTORY) touched.push(`${operation} ${path}`)
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
  return { run, disk, touched }
}

const filesOf = (disk: SimFs, ending: string) =>
  disk.readdirSync(DIRECTORY).flatMap((name) => (name.endsWith(ending) ? [`${DIRECTORY}/${name}`] : []))

const transactional = (id: number, baseSequence: number) => ({
  ...{ producerId: producerId(BigInt(id)), producerEpoch: 0, baseSequence, isTransactional: true },
})

/** Several segments, epochs and transactions, one of them open; the last segment has index entries. */
async function fill(run: LogRun, from = 0): Promise<void> {
  for (let index = from; index < from + 24; index++) {
    if (index % 8 === 0) run.log.setLeaderEpoch(leaderEpoch(index / 8))
    const content = { records: records(2, 60, BASE_TIMESTAMP + BigInt(index)) }
    await run.append({ ...content, ...transactional(1, index * 2) }, 'flushed')
    if (index % 5 !== 3) continue
    const fields = { producerId: producerId(1n), producerEpoch: 0, coordinatorEpoch: 2, timestamp: timestamp(9n) }
    await run.appendBytes(buildEndTransactionBatch({ ...fields, outcome: index % 2 === 0 ? 'abort' : 'commit' }))
  }
}

async function answers(run: LogRun) {
  const { log } = run
  const { startOffset, endOffset, lastStableOffset, leaderEpoch: latest, failure, sizeBytes, wasCut } = log
  const lookups = []
  for (let time = 0n; time < 26n; time += 3n) {
    lookups.push(await run.settle(log.lookupTimestamp(timestamp(BASE_TIMESTAMP + time), 'end')))
  }
  const epochs = [0, 1, 2, 3].map((epoch) => log.endOffsetForEpoch(leaderEpoch(epoch)))
  return {
    ...{ startOffset, endOffset, lastStableOffset, latest, failure, sizeBytes, wasCut, lookups, epochs },
    ...{ producers: log.producers(), bytes: await run.readAll(startOffset) },
  }
}

const isLook = (call: string) => !call.startsWith('stat ')

it('a start after a clean stop opens no file of a log that is as it was left', async () => {
  const { run, touched } = await start()
  await fill(run)
  const before = await answers(run)
  await run.settle(run.store.close())
  touched.length = 0
  await run.reopen()
  // Indexes of transactions are compared with their checksum at once: nothing else would find out.
  expect(touched.filter((call) => isLook(call) && !call.endsWith('.txnindex'))).toEqual([])
  expect(await answers(run)).toEqual(before)
  await fill(run, 24)
  const more = await answers(run)
  await run.restart()
  expect(await answers(run)).toEqual(more)
})

it('nor does one after a kill, where all of the log was on the device and nothing has come since', async () => {
  const { run, disk, touched } = await start()
  await fill(run)
  const before = await answers(run)
  await run.settle(run.store.close())
  disk.unlinkSync(CLEAN_MARKER)
  touched.length = 0
  await run.reopen()
  expect(touched.filter((call) => isLook(call) && !call.endsWith('.txnindex'))).toEqual([])
  expect(await answers(run)).toEqual(before)
})

it('what came after the clean stop is read after a kill', async () => {
  const { run, disk } = await start()
  await fill(run)
  await run.restart()
  await run.append({ records: records(3) })
  await run.append({ records: records(1) }, 'flushed')
  const before = await answers(run)
  run.store = run.engine.store()
  await run.reopen()
  expect(await answers(run)).toEqual(before)
  expect(disk.statSync(CLOSED_LOGS)).not.toBeNull()
})

it('after a kill what was never flushed is read and flushed', async () => {
  const { run, disk } = await start({ flush: 'os' })
  await fill(run)
  const before = await answers(run)
  await run.settle(run.store.close())
  disk.unlinkSync(CLEAN_MARKER)
  disk.flushes.length = 0
  await run.reopen()
  run.log.configure({ ...run.config, flush: 'device' })
  await run.settle(run.log.flush())
  expect(disk.flushes).not.toEqual([])
  expect(await answers(run)).toEqual(before)
})

describe('whatever becomes of the files between two starts, the log tells the same', () => {
  const ways: [string, (bytes: Buffer) => Buffer | null][] = [
    ['deleted', () => null],
    ['emptied', () => Buffer.alloc(0)],
    ['noise', (bytes) => Buffer.from(bytes.map((byte, at) => byte ^ (at % 251) ^ 0x5a))],
  ]
  it.each(ways)(
    '%s',
    async (_, change) => {
      const endings = ['.index', '.timeindex', '.txnindex', '.snapshot', 'checkpoint', '-facts', '.metadata', '-logs']
      for (const ending of endings) {
        const { run, disk } = await start()
        await fill(run)
        const before = await answers(run)
        await run.settle(run.store.close())
        const path = [CLOSED_LOGS, ...filesOf(disk, ending)].at(-1) ?? ''
        disk.disk.rot(path, change)
        await run.reopen()
        expect([path, await answers(run)]).toEqual([path, before])
        // The active segment is closed with an index that its file does not hold.
        await fill(run, 24)
        const more = await answers(run)
        await run.restart()
        expect([path, await answers(run)]).toEqual([path, more])
      }
    },
    30_000,
  )
})

it('a log that lost a segment, or got a file that must go, is looked at', async () => {
  const { run, disk } = await start()
  await fill(run)
  await run.settle(run.store.close())
  const leftOver = `${DIRECTORY}/00000000000000000000.log.cleaned`
  disk.openSync(leftOver, 'create').closeSync()
  await run.reopen()
  expect(disk.statSync(leftOver)).toBeNull()
  await run.settle(run.store.close())
  disk.disk.rot(filesOf(disk, '.log').at(-1) ?? '', () => null)
  await run.reopen()
  expect(run.log.failure).toContain('but was safely stored up to')
})

it('an end that is cut off the file behind its back is damage, not a shorter log', async () => {
  const { run, disk } = await start()
  await fill(run)
  await run.settle(run.store.close())
  disk.disk.rot(filesOf(disk, '.log').at(-1) ?? '', (bytes) => bytes.subarray(0, bytes.byteLength - 1))
  await run.reopen()
  expect(run.log.failure).toEqual(expect.any(String))
})

it('records that DeleteRecords has cut off stay so', async () => {
  const { run } = await start()
  await fill(run)
  await run.settle(run.log.deleteRecordsBefore(offset(17)))
  await run.restart()
  expect(run.log.startOffset).toBe(17)
  const before = await answers(run)
  await run.restart()
  expect(await answers(run)).toEqual(before)
})

it('snapshots of producers do not pile up from stop to stop', async () => {
  const { run, disk } = await start({ segmentBytes: 100_000 })
  for (let round = 0; round < 4; round++) {
    await run.append({ records: records(1) })
    await run.restart()
  }
  expect(filesOf(disk, '.snapshot')).toEqual([`${DIRECTORY}/00000000000000000004.snapshot`])
})

describe('what has come between a clean stop and a kill', () => {
  /** Two logs that have gone through the same: one start may rely on what the clean stop said, the other may not. */
  async function both(
    more: (run: LogRun, disk: SimFs) => Promise<unknown>,
    harm: (disk: SimFs, path: string) => void = () => {},
    segmentBytes = 4000,
  ) {
    const outcomes = []
    for (const isDescribed of [true, false]) {
      const { run, disk, touched } = await start({ segmentBytes })
      await fill(run)
      await run.restart()
      await more(run, disk)
      const before = await answers(run)
      harm(disk, filesOf(disk, '.log').at(-1) ?? '')
      run.store = run.engine.store()
      if (!isDescribed) disk.unlinkSync(CLOSED_LOGS)
      touched.length = 0
      await run.reopen()
      const looks = touched.filter((call) => isLook(call) && !call.endsWith('.txnindex'))
      const after = run.log.failure === null ? await answers(run) : { failure: run.log.failure }
      if (run.log.failure === null) await run.append({ records: records(1) }, 'flushed')
      outcomes.push({ before, after, looks, end: run.log.endOffset })
    }
    const [described, read] = outcomes
    if (described === undefined || read === undefined) throw new Error('there are two')
    expect(described.after).toEqual(read.after)
    expect(described.end).toEqual(read.end)
    return described
  }

  const produce = async (run: LogRun): Promise<void> => {
    for (let index = 0; index < 4; index++) {
      const content = { records: records(2, 60, BASE_TIMESTAMP + BigInt(30 + index)) }
      await run.append({ ...content, ...transactional(1, 48 + index * 2) }, index === 1 ? 'flushed' : 'written')
    }
  }

  it('is read from the end that the clean stop has told, and flushed, and no other file is opened', async () => {
    const { before, after, looks } = await both(produce)
    expect(after).toEqual(before)
    const calls = new Set(looks.map((call) => call.replace(/^(\w+) .*(\.\w+)$/, '$1 $2')))
    expect([...calls]).toEqual(['open .log', 'read .log', 'datasync .log'])
  })

  it.each([
    [0, 1],
    [1, 4],
  ])(
    'is left to the log’s own files where it is too much to be read in place: %i bytes past that',
    async (past, files) => {
      const { before, after, looks } = await both(
        (run) => run.appendBytes(batchOf(TAIL_BYTES_MAX + past)),
        () => {},
        1_000_000,
      )
      expect(after).toEqual(before)
      expect(new Set(looks.map((call) => call.split('/').at(-1))).size).toBeGreaterThanOrEqual(files)
      if (past === 0) expect(looks.every((call) => call.endsWith('.log'))).toBe(true)
    },
  )

  it('counts for producers: what is sent again is known', async () => {
    const { after } = await both(produce)
    expect(after).toMatchObject({ producers: [{ producerId: 1n, lastSequence: 55 }] })
  })

  const commit = { producerId: producerId(1n), producerEpoch: 0, coordinatorEpoch: 2, timestamp: timestamp(9n) }
  it.each<[string, (run: LogRun) => Promise<unknown>]>([
    ['a commit', (run) => run.appendBytes(buildEndTransactionBatch({ ...commit, outcome: 'commit' }))],
    ['an abort', (run) => run.appendBytes(buildEndTransactionBatch({ ...commit, outcome: 'abort' }))],
    [
      'another segment',
      async (run) => {
        for (let count = 0; count < 9; count++) await run.append({ records: records(4, 100) })
        expect(run.log.sizeBytes).toBeGreaterThan(4000)
      },
    ],
    ['another epoch', async (run) => run.log.setLeaderEpoch(leaderEpoch(9))],
  ])('is there, with %s among it', async (_, more) => {
    const { before, after } = await both(async (run) => {
      await produce(run)
      await more(run)
      await run.append({ records: records(1) })
    })
    expect(after).toEqual(before)
  })

  it(`is judged as without the clean stop after any power cut (SEED=${SEED})`, async () => {
    let unread = 0
    for (let seed = SEED; seed < SEED + SEEDS; seed++) {
      const write = async (run: LogRun, disk: SimFs): Promise<void> => {
        const prng = new SeededPrng(seed)
        // Else the names of what the clean stop has saved are gone, which is seen at once.
        if (prng.below(4) > 0) await disk.syncDirectory(DIRECTORY)
        for (let count = 1 + prng.below(10); count > 0; count--) {
          const durability = prng.below(3) > 0 ? 'flushed' : 'written'
          await run.append({ records: records(1 + prng.below(4), prng.below(400)) }, durability)
        }
      }
      const { after, looks } = await both(write, (disk) => disk.losePower(new SeededPrng(seed)), 20_000)
      expect([seed, after]).not.toEqual([seed, { failure: expect.any(String) }])
      if (looks.every((call) => call.endsWith('.log'))) unread++
    }
    // Otherwise it was about what the log's own files tell, and nothing else.
    expect(unread).toBeGreaterThan(0)
    expect(unread).toBeLessThan(SEEDS)
  }, 60_000)

  /** Bytes of the file from the end of what the clean stop knew. */
  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['a torn end', (bytes) => bytes.subarray(0, bytes.byteLength - 7)],
    ['a wrong checksum in the last batch', (bytes) => withFlip(bytes, bytes.byteLength - 3)],
    ['zeros where the device wrote nothing', (bytes) => Buffer.concat([bytes, Buffer.alloc(300)])],
    ['a batch twice', (bytes) => Buffer.concat([bytes, bytes.subarray(bytes.byteLength - 200)])],
    ['less than the clean stop knew', (bytes) => bytes.subarray(0, 500)],
    ['a wrong byte below the recovery point', (bytes) => withFlip(bytes, bytes.byteLength - 650)],
  ])('is judged as without the clean stop: %s', async (_, change) => {
    await both(produce, (disk, path) => disk.disk.rot(path, change))
  })
})

/** Of exactly so many bytes. */
function batchOf(sizeBytes: number): Uint8Array {
  const withValue = (bytes: number) =>
    buildBatch({ records: [{ timestamp: timestamp(BASE_TIMESTAMP), key: null, value: Buffer.alloc(bytes) }] })
  const valueBytes = sizeBytes - 100
  const batch = withValue(valueBytes + sizeBytes - withValue(valueBytes).byteLength)
  expect(batch.byteLength).toBe(sizeBytes)
  return batch
}

function withFlip(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}
