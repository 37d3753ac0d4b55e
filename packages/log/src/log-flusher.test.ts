import { setImmediate } from 'node:timers/promises'
import { ManualClock, SeededPrng, silentLogger } from '@odradek/core'
import { buildBatch, readBatchHeader } from '@odradek/records'
import { IDENTITY, LogRun, records } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { LogConfig } from './log-config.ts'
import { GATHER_PAUSE_FLUSHES, LogFlusher } from './log-flusher.ts'
import { memoryLogStore } from './memory-log-store.ts'
import type { AppendResult, Durability } from './partition-log.ts'

// What is on the device, and who is told so, when settings change and logs close.

interface Flushing {
  readonly run: LogRun
  readonly fs: SimFs
  readonly results: AppendResult[]
  append(count: number, durability: Durability, valueBytes?: number): void
  turns(): Promise<void>
}

/** One turn of the event loop at a time, also for those who ask for the next one in each. */
class TurningClock extends ManualClock {
  private waiting: (() => void)[] = []

  override soon(run: () => void): void {
    this.waiting.push(run)
  }

  override tick(): void {
    for (const run of this.waiting.splice(0)) run()
  }
}

async function start(changes: Partial<LogConfig> = {}): Promise<Flushing> {
  const clock = new TurningClock()
  const fs = new SimFs({ now: () => clock.wallMs() })
  const settings = { fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) }
  const store = () => diskLogStore(settings)
  const engine = { clock, turn: () => setImmediate(), store, isDurable: true, dispose: async () => {} }
  const run = await LogRun.open(engine, changes)
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
      for (let turn = 0; turn < 12; turn++) {
        clock.tick()
        await setImmediate()
      }
    },
  }
}

const isLogFile = (path: string) => path.endsWith('.log')

describe('odradek.flush turned from os to device', () => {
  it('acknowledges nothing before all that stands below it is on the device too', async () => {
    const { run, fs, results, append, turns } = await start({ flush: 'os', segmentBytes: 500 })
    for (let batch = 0; batch < 4; batch++) append(1, 'flushed', 200)
    await turns()
    expect([results.length, fs.flushes.filter(isLogFile)]).toEqual([4, []])
    run.log.configure({ ...run.config, flush: 'device' })
    append(1, 'flushed', 200)
    await turns()
    expect([results.length, run.log.highWatermark]).toEqual([5, 5])
    fs.losePower()
    await run.reopen()
    expect([run.log.failure, run.log.endOffset]).toEqual([null, 5])
  })

  it('does not hold back what needs no flush, and a repeat of an unflushed batch waits for it', async () => {
    const { run, fs, results, append, turns } = await start({ flush: 'os' })
    const produce = (durability: Durability) => {
      const batch = buildBatch({ records: records(1), producerId: 4n as never, producerEpoch: 0, baseSequence: 0 })
      run.log.append({ batch, header: readBatchHeader(batch), durability }, (result) => results.push(result))
    }
    produce('flushed')
    await turns()
    run.log.configure({ ...run.config, flush: 'device' })
    fs.holdsFlushes = true
    append(1, 'written')
    await turns()
    expect([results.length, run.log.highWatermark]).toEqual([2, 2])
    produce('flushed')
    await turns()
    expect(results).toHaveLength(2)
    fs.holdsFlushes = false
    fs.releaseFlushes()
    await turns()
    expect(results[2]).toMatchObject({ ok: true, duplicate: true, baseOffset: 0 })
  })

  it('by a restart after a clean stop flushes what the last process left to the operating system', async () => {
    const { run, fs, append, turns } = await start({ flush: 'os', segmentBytes: 500 })
    for (let batch = 0; batch < 4; batch++) append(1, 'flushed', 200)
    await turns()
    run.config = { ...run.config, flush: 'device' }
    const flushesBefore = fs.flushes.length
    await run.restart()
    append(1, 'flushed', 10)
    await turns()
    expect(fs.flushes.slice(flushesBefore).filter(isLogFile).length).toBeGreaterThanOrEqual(2)
    fs.losePower()
    await run.reopen()
    expect([run.log.failure, run.log.endOffset]).toEqual([null, 5])
  })

  it('and back lets those go who waited for the device', async () => {
    const { run, fs, results, append, turns } = await start()
    fs.holdsFlushes = true
    append(1, 'flushed')
    await turns()
    expect(results).toHaveLength(0)
    run.log.configure({ ...run.config, flush: 'os' })
    await turns()
    expect([results.length, run.log.highWatermark]).toEqual([1, 1])
    fs.releaseFlushes()
    await turns()
  })
})

describe('flush.messages and flush.ms', () => {
  it('count from the message that reaches the number: it and what follows it wait, what is before it does not', async () => {
    const { run, fs, results, append, turns } = await start({ flushMessages: 3 })
    fs.holdsFlushes = true
    append(2, 'written')
    append(1, 'written')
    append(1, 'written')
    await turns()
    expect([results.length, run.log.highWatermark, fs.held.length]).toEqual([1, 2, 1])
    fs.holdsFlushes = false
    fs.releaseFlushes()
    await turns()
    expect([results.length, run.log.highWatermark, fs.flushes.filter(isLogFile).length]).toEqual([3, 4, 1])
    // All four are on the device: two more do not reach the number.
    append(2, 'written')
    await turns()
    expect([results.length, fs.flushes.filter(isLogFile).length]).toEqual([4, 1])
  })

  it('take effect while the log is open, also for records that wait already', async () => {
    const { run, fs, append, turns } = await start({ flushMs: 60_000 })
    append(1, 'written')
    await turns()
    run.log.configure({ ...run.config, flushMs: 100 })
    await turns()
    run.engine.clock.advance(100)
    await turns()
    expect(fs.flushes.filter(isLogFile)).toHaveLength(1)
    run.log.configure({ ...run.config, flushMessages: 1, flushMs: Number.POSITIVE_INFINITY })
    append(1, 'written')
    await turns()
    expect(fs.flushes.filter(isLogFile)).toHaveLength(2)
  })

  it('mean nothing where flushing is left to the operating system', async () => {
    const { run, fs, results, append, turns } = await start({ flush: 'os', flushMessages: 1, flushMs: 1 })
    append(1, 'written')
    await turns()
    run.engine.clock.advance(10)
    await turns()
    expect([results.length, fs.flushes.filter(isLogFile)]).toEqual([1, []])
  })
})

describe('closing', () => {
  it('flushes once, and not again when it is done', async () => {
    const { run, fs, append, turns } = await start({ segmentBytes: 500, flushMs: 10 })
    for (let batch = 0; batch < 4; batch++) append(1, 'written', 200)
    await run.settle(run.log.close())
    const flushes = fs.flushes.length
    run.engine.clock.advance(1000)
    await turns()
    expect(fs.flushes).toHaveLength(flushes)
  })

  it('answers who waits, refuses who comes meanwhile, and is one thing however often it is asked for', async () => {
    const { run, fs, results, append, turns } = await start()
    fs.holdsFlushes = true
    append(1, 'flushed')
    await turns()
    let closed = 0
    const closing = [run.log.close(), run.log.close()].map((close) => close.then(() => closed++))
    append(1, 'flushed')
    await turns()
    expect(closed).toBe(0)
    fs.holdsFlushes = false
    fs.releaseFlushes()
    await run.settle(Promise.all(closing))
    await turns()
    expect(results).toMatchObject([
      { ok: true, baseOffset: 0 },
      { ok: false, error: 'KAFKA_STORAGE_ERROR' },
    ])
    await run.reopen()
    expect(run.log.endOffset).toBe(1)
  })
})

it('memory stays memory when a topic’s settings change', async () => {
  const clock = new ManualClock()
  const options = { clock, logger: silentLogger, prng: new SeededPrng(1), bytesMax: 1e6, whenFull: 'refuse' } as const
  const store = () => memoryLogStore(options)
  const engine = { clock, turn: () => setImmediate(), store, isDurable: false, dispose: async () => {} }
  const run = await LogRun.open(engine, {}, IDENTITY)
  run.log.configure({ ...run.config, flush: 'device', flushMessages: 1 })
  const flush = jest.spyOn(LogFlusher.prototype, 'start')
  expect(await run.append({ records: records(1) }, 'flushed')).toMatchObject({ ok: true })
  expect(flush).not.toHaveBeenCalled()
})

describe('a busy log', () => {
  /** A device that takes two milliseconds, and producers that come back one turn after the other. */
  async function busy(producers: number) {
    const started = await start()
    const { run, fs, append, turns } = started
    const { clock } = run.engine
    append(1, 'flushed')
    await turns()
    fs.flushes.length = 0
    fs.holdsFlushes = true
    for (let producer = 0; producer < producers; producer++) append(1, 'flushed')
    await turns()
    clock.advance(2)
    fs.releaseFlushes()
    await turns()
    expect(fs.flushes).toHaveLength(1)
    return { ...started, clock }
  }

  it('waits for the producers it has just answered, one turn after the other, and no turn longer', async () => {
    const { fs, results, append, turns } = await busy(3)
    expect(results).toHaveLength(4)
    for (const held of [0, 0, 1]) {
      append(1, 'flushed')
      await turns()
      expect(fs.held).toHaveLength(held)
    }
  })

  it('waits no longer than the last flush took', async () => {
    const { fs, append, turns, clock } = await busy(3)
    append(1, 'flushed')
    await turns()
    expect(fs.held).toHaveLength(0)
    clock.advance(1.9)
    await turns()
    expect(fs.held).toHaveLength(0)
    clock.advance(0.1)
    await turns()
    expect(fs.held).toHaveLength(1)
  })

  it('after it has waited in vain, does not wait for so many flushes; then it tries again', async () => {
    const { fs, append, turns, clock } = await busy(3)
    append(1, 'flushed')
    await turns()
    clock.advance(2)
    await turns()
    expect(fs.held).toHaveLength(1)
    /** Ends a flush while two more producers wait, whom a third one might join; says whether the next has begun. */
    const flushAgain = async () => {
      append(1, 'flushed')
      append(1, 'flushed')
      clock.advance(2)
      fs.releaseFlushes()
      await turns()
      return fs.held.length === 1
    }
    for (let flush = 0; flush < GATHER_PAUSE_FLUSHES; flush++) expect(await flushAgain()).toBe(true)
    expect(await flushAgain()).toBe(false)
  })

  it('waits for nobody when only one producer was there', async () => {
    const { fs, append, turns } = await busy(1)
    append(1, 'flushed')
    await turns()
    expect(fs.held).toHaveLength(1)
  })

  it('does not hang where time stands still', async () => {
    const { fs, append, turns } = await busy(2)
    append(1, 'flushed')
    for (let turn = 0; turn < 40; turn++) await turns()
    expect(fs.held).toHaveLength(1)
  })
})
