import { setImmediate } from 'node:timers/promises'
import { ManualClock, offset, SeededPrng, silentLogger } from '@odradek/core'
import { buildBatch, readBatchHeader } from '@odradek/records'
import { batchesIn, LogRun, records } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { LogConfig } from './log-config.ts'
import type { AppendResult, Durability } from './partition-log.ts'
import { COPIED_BATCH_BYTES_MAX } from './pending-batches.ts'

// A disk that fails: what was acknowledged stays true, and nothing else is said.

interface Broken {
  readonly run: LogRun
  readonly fs: SimFs
  readonly results: AppendResult[]
  /** Appends without waiting. */
  append(count: number, durability: Durability, valueBytes?: number): void
  /** Some turns of the event loop. */
  turns(): Promise<void>
}

async function start(changes: Partial<LogConfig> = {}): Promise<Broken> {
  const clock = new ManualClock()
  const fs = new SimFs({ now: () => clock.wallMs() })
  const settings = { fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) }
  const run = await LogRun.open(
    {
      clock,
      turn: () => setImmediate(),
      store: () => diskLogStore(settings),
      isDurable: true,
      dispose: async () => {},
    },
    changes,
  )
  // That of a new log’s recovery point.
  fs.flushes.length = 0
  const results: AppendResult[] = []
  return {
    run,
    fs,
    results,
    append: (count, durability, valueBytes = 10) => {
      const batch = buildBatch({ records: records(count, valueBytes) })
      run.log.append({ batch, header: readBatchHeader(batch), durability }, (result) => results.push(result))
    },
    turns: async () => {
      for (let turn = 0; turn < 5; turn++) {
        clock.tick()
        await setImmediate()
      }
    },
  }
}

const isLogFile = (path: string) => path.endsWith('.log')

describe('what is written at once', () => {
  it.each([
    [COPIED_BATCH_BYTES_MAX - 1, 1],
    [COPIED_BATCH_BYTES_MAX, 2],
  ])('a batch of %i bytes and a small one behind it: %i times', async (sizeBytes, expected) => {
    const { run, fs, results, append, turns } = await start()
    let writes = 0
    fs.fault = (operation, path) => {
      if (operation === 'write' && isLogFile(path)) writes++
      return null
    }
    const besides = buildBatch({ records: records(1, 50_000) }).length - 50_000
    append(1, 'written', sizeBytes - besides)
    append(1, 'written')
    await turns()
    expect(results.map((result) => result.ok)).toEqual([true, true])
    expect(batchesIn(await run.readAll(0)).map((header) => header.sizeBytes)[0]).toBe(sizeBytes)
    expect(writes).toBe(expected)
  })
})

describe('group commit', () => {
  it('shows nobody a batch before its flush, and what follows it waits too', async () => {
    const { run, fs, results, append, turns } = await start()
    append(1, 'written')
    await turns()
    expect([results.length, run.log.highWatermark]).toEqual([1, 1])
    fs.holdsFlushes = true
    append(2, 'flushed')
    append(3, 'written')
    await turns()
    expect([results.length, run.log.highWatermark, run.log.endOffset]).toEqual([1, 1, 6])
    expect(await run.read(1, 1000, { bound: 'highWatermark' })).toHaveLength(0)
    expect(batchesIn((await run.read(1, 1000, { bound: 'end' })) ?? new Uint8Array(0))).toHaveLength(2)
    fs.holdsFlushes = false
    fs.releaseFlushes()
    await turns()
    expect([results.length, run.log.highWatermark]).toEqual([3, 6])
  })

  it('leaves out a segment that was deleted while another one was flushed', async () => {
    const { run, fs, results, append, turns } = await start({ segmentBytes: 300, fileDeleteDelayMs: 0 })
    fs.holdsFlushes = true
    for (let batch = 0; batch < 4; batch++) append(1, 'written', 200)
    append(1, 'flushed', 200)
    await turns()
    const deleted = run.log.deleteRecordsBefore(offset(3))
    fs.holdsFlushes = false
    fs.releaseFlushes()
    await turns()
    await deleted
    expect(run.log.failure).toBeNull()
    expect(results.map((result) => result.ok)).toEqual([true, true, true, true, true])
    expect([run.log.startOffset, run.log.highWatermark]).toEqual([3, 5])
  })

  it('has one flush at a time, which all that came before it share', async () => {
    const { run, fs, results, append, turns } = await start()
    append(1, 'flushed')
    await turns()
    fs.flushes.length = 0
    fs.holdsFlushes = true
    append(1, 'flushed')
    await turns()
    for (let index = 0; index < 10; index++) append(1, 'flushed')
    await turns()
    expect(fs.flushes).toHaveLength(1)
    fs.releaseFlushes()
    await turns()
    // The second flush covers all ten; what came during the first was not acknowledged by it.
    expect([fs.flushes.length, results.length, run.log.highWatermark]).toEqual([2, 2, 2])
    fs.releaseFlushes()
    await turns()
    expect([fs.flushes.length, results.length, run.log.highWatermark]).toEqual([2, 12, 12])
  })

  it('flushes the directory once, before the first answer that rests on it', async () => {
    const { run, fs, append, turns } = await start({ segmentBytes: 1000 })
    const synced: string[] = []
    fs.fault = (operation, path) => {
      if (operation === 'syncDirectory') synced.push(path.includes('-') ? 'partition' : 'data')
      return null
    }
    append(1, 'flushed')
    await turns()
    append(1, 'flushed')
    await turns()
    expect(synced).toEqual(['partition', 'data'])
    append(1, 'flushed', 900)
    await turns()
    expect(synced).toEqual(['partition', 'data', 'partition'])
    expect(run.log.highWatermark).toBe(3)
  })

  it('needs no device where the operating system is trusted', async () => {
    const { run, fs, results, append, turns } = await start({ flush: 'os' })
    append(1, 'flushed')
    await turns()
    await run.settle(run.log.flush())
    expect([results.length, run.log.highWatermark, fs.flushes.length]).toEqual([1, 1, 0])
    await run.end()
    expect(fs.flushes.filter(isLogFile)).toEqual([])
  })

  it('flushes every so many messages, and after so long a time, as Kafka’s settings say', async () => {
    const { run, fs, results, append, turns } = await start({ flushMessages: 3 })
    append(2, 'written')
    await turns()
    expect([results.length, fs.flushes.length]).toEqual([1, 0])
    append(1, 'written')
    await turns()
    expect([results.length, fs.flushes.length]).toEqual([2, 1])
    run.log.configure({ ...run.config, flushMs: 500 })
    append(1, 'written')
    await turns()
    expect([results.length, fs.flushes.length]).toEqual([3, 1])
    run.engine.clock.advance(500)
    await turns()
    expect(fs.flushes.length).toBe(2)
  })
})

describe('a failed flush', () => {
  it.each([1, 2, 3, 7])(
    'at call %i ends the partition: nothing after it is acknowledged, nothing tried again',
    async (n) => {
      const { run, fs, results, append, turns } = await start()
      let calls = 0
      fs.fault = (operation, path) => (operation === 'datasync' && isLogFile(path) && ++calls === n ? 'EIO' : null)
      for (let index = 0; index < 10; index++) {
        append(1, 'flushed')
        await turns()
      }
      append(1, 'written')
      await turns()
      expect(results.filter((result) => result.ok)).toHaveLength(n - 1)
      expect(results).toHaveLength(11)
      expect(results.slice(n - 1).every((result) => !result.ok && result.error === 'KAFKA_STORAGE_ERROR')).toBe(true)
      expect([calls, run.log.highWatermark]).toEqual([n, n - 1])
      expect(run.log.failure).toContain('flush')
      await expect(run.read(0)).rejects.toThrow('KAFKA_STORAGE_ERROR')
      await expect(run.settle(run.log.flush())).rejects.toThrow('cannot be flushed')
      await run.end()
      expect(calls).toBe(n)
    },
  )

  it('at any of the first fifty calls leaves what had been acknowledged, without power too', async () => {
    for (let n = 1; n <= 50; n++) {
      const { run, fs, results, append, turns } = await start({ segmentBytes: 1000 })
      let calls = 0
      fs.fault = (operation, path) => (operation === 'datasync' && isLogFile(path) && ++calls === n ? 'EIO' : null)
      while (run.log.failure === null) {
        append(1, 'flushed', 100)
        await turns()
      }
      const acknowledged = results.filter((result) => result.ok).length
      append(1, 'flushed')
      append(1, 'written')
      await turns()
      expect([n, calls, results.filter((result) => result.ok).length]).toEqual([n, n, acknowledged])
      expect([n, results.at(-1)]).toMatchObject([n, { ok: false, error: 'KAFKA_STORAGE_ERROR' }])
      fs.fault = () => null
      fs.losePower()
      await run.reopen()
      expect([n, run.log.failure, run.log.endOffset]).toEqual([n, null, acknowledged])
    }
  })

  it('answers all that waited, and watchers hear of it', async () => {
    const { run, fs, results, append, turns } = await start()
    fs.fault = (operation) => (operation === 'datasync' ? 'EIO' : null)
    let calls = 0
    run.log.watch(() => calls++)
    append(1, 'flushed')
    append(1, 'written')
    append(1, 'flushed', 50_000)
    await turns()
    expect(results.map((result) => result.ok)).toEqual([false, false, false])
    expect(calls).toBe(1)
  })

  it('lets the next process find what had been acknowledged', async () => {
    const { run, fs, append, turns } = await start()
    append(3, 'flushed')
    await turns()
    fs.fault = (operation) => (operation === 'datasync' ? 'EIO' : null)
    append(3, 'flushed')
    await turns()
    fs.fault = () => null
    fs.losePower()
    await run.reopen()
    expect([run.log.failure, run.log.endOffset]).toEqual([null, 3])
  })
})

describe('a failed write', () => {
  it('of a broken device ends the partition', async () => {
    const { run, fs, results, append, turns } = await start()
    append(1, 'written')
    await turns()
    fs.fault = (operation, path) => (operation === 'write' && isLogFile(path) ? 'EIO' : null)
    append(1, 'written')
    append(1, 'written', 70_000)
    await turns()
    fs.fault = () => null
    append(1, 'written')
    await turns()
    expect(results.map((result) => result.ok)).toEqual([true, false, false, false])
    expect(run.log.failure).toContain('EIO')
    expect(run.log.highWatermark).toBe(1)
  })

  it.each([
    ['small', 10],
    ['large', 70_000],
  ])('of %s batches on a full disk leaves no trace, and writing goes on when there is space', async (_, valueBytes) => {
    const { run, fs, results, append, turns } = await start()
    append(2, 'written', valueBytes)
    await turns()
    const before = await run.readAll(0)
    for (const fault of ['ENOSPC', 'EFBIG', 0, 1, 60, 61, 100]) {
      results.length = 0
      fs.fault = (operation, path) => (operation === 'write' && isLogFile(path) ? fault : null)
      append(2, 'written', valueBytes)
      append(1, 'flushed', valueBytes)
      await turns()
      expect(results.map((result) => !result.ok && result.error)).toEqual([
        'KAFKA_STORAGE_ERROR',
        'KAFKA_STORAGE_ERROR',
      ])
      expect([run.log.failure, run.log.endOffset, run.log.highWatermark]).toEqual([null, 2, 2])
      expect((await run.readAll(0)).equals(before)).toBe(true)
      await run.reopen()
      expect([run.log.wasCut, run.log.endOffset]).toEqual([false, 2])
      fs.fault = () => null
    }
    results.length = 0
    append(2, 'flushed', valueBytes)
    await turns()
    expect(results).toMatchObject([{ ok: true, baseOffset: 2, lastOffset: 3 }])
  })

  it.each([1, 2])(
    'in the middle of a tick, at its write %i, fails what it held and no other batch',
    async (failing) => {
      const { run, fs, results, append, turns } = await start()
      let writes = 0
      fs.fault = (operation, path) =>
        operation === 'write' && isLogFile(path) && ++writes === failing ? 'ENOSPC' : null
      // Six of them are written together, before the seventh has its place.
      for (let batch = 0; batch < 8; batch++) append(1, 'flushed', 40_000)
      await turns()
      const offsets = results.map((result) => (result.ok ? result.baseOffset : -1))
      expect(offsets).toEqual(failing === 1 ? [-1, -1, -1, -1, -1, -1, 0, 1] : [0, 1, 2, 3, 4, 5, -1, -1])
      const kept = failing === 1 ? 2 : 6
      expect([run.log.failure, run.log.endOffset]).toEqual([null, kept])
      expect(batchesIn(await run.readAll(0))).toHaveLength(kept)
      await run.append({ records: records(1) })
      expect(run.log.endOffset).toBe(kept + 1)
      await run.reopen()
      expect([run.log.wasCut, run.log.endOffset]).toEqual([false, kept + 1])
    },
  )

  it('that cannot be undone ends the partition', async () => {
    const { run, fs, results, append, turns } = await start()
    append(1, 'written')
    await turns()
    fs.fault = (operation, path) => {
      if (!isLogFile(path)) return null
      return operation === 'write' ? 30 : operation === 'truncate' ? 'EIO' : null
    }
    append(1, 'written')
    await turns()
    fs.fault = () => null
    expect(results.map((result) => result.ok)).toEqual([true, false])
    expect(run.log.failure).toContain('half a batch')
    await run.reopen()
    expect([run.log.wasCut, run.log.endOffset]).toEqual([true, 1])
  })

  it('takes nothing from a producer: the same batch may come again', async () => {
    const { run, fs } = await start()
    const produce = (baseSequence: number) =>
      run.append({ records: records(1), producerId: 4n as never, producerEpoch: 0, baseSequence })
    for (let sequence = 0; sequence < 7; sequence++) await produce(sequence)
    fs.fault = (operation, path) => (operation === 'write' && isLogFile(path) ? 'ENOSPC' : null)
    expect(await produce(7)).toMatchObject({ ok: false, error: 'KAFKA_STORAGE_ERROR' })
    fs.fault = () => null
    expect(await produce(8)).toMatchObject({ ok: false, error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' })
    expect(await produce(2)).toMatchObject({ ok: true, duplicate: true, baseOffset: 2 })
    expect(await produce(7)).toMatchObject({ ok: true, duplicate: false, baseOffset: 7 })
  })

  it('opens no transaction and ends none', async () => {
    const { run, fs } = await start()
    const open = { producerId: 4n as never, producerEpoch: 0, isTransactional: true }
    await run.append({ records: records(1), ...open, baseSequence: 0 })
    expect(run.log.lastStableOffset).toBe(0)
    fs.fault = (operation, path) => (operation === 'write' && isLogFile(path) ? 'ENOSPC' : null)
    await run.append({ records: records(1), ...open, producerId: 5n as never, baseSequence: 0 })
    fs.fault = () => null
    await run.append({ records: records(1) })
    expect([run.log.highWatermark, run.log.lastStableOffset]).toEqual([2, 0])
    expect(run.log.producers()).toMatchObject([{ producerId: 4n, currentTransactionStartOffset: 0 }])
  })
})

describe('a failed read', () => {
  it('ends the partition when the device is broken, and passes when only handles are short', async () => {
    const { run, fs, append, turns } = await start()
    append(1, 'written')
    await turns()
    await run.restart()
    const request = { offset: offset(0), bytesMax: 100, atLeastOneBatch: true, bound: 'end' } as const
    fs.fault = (operation, path) => (operation === 'read' && isLogFile(path) ? 'EMFILE' : null)
    expect(await run.settle(run.log.read(request))).toEqual({ ok: false, error: 'KAFKA_STORAGE_ERROR' })
    expect(run.log.failure).toBeNull()
    fs.fault = (operation, path) => (operation === 'read' && isLogFile(path) ? 'EIO' : null)
    expect(await run.settle(run.log.read(request))).toEqual({ ok: false, error: 'KAFKA_STORAGE_ERROR' })
    expect(run.log.failure).toContain('EIO')
  })
})
