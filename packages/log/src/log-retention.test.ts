import { setImmediate } from 'node:timers/promises'
import { ManualClock, offset, SeededPrng, silentLogger } from '@odradek/core'
import { LogRun, records } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import type { LogConfig } from './log-config.ts'
import { defaultMaintenanceSettings } from './maintenance-settings.ts'

// What retention does to the files. What is deleted, and when, is in the contract.

const DIRECTORY = 'data/666f6f62617262617a71757871757578-3'
const INTERVAL_MS = 1000

async function start(changes: Partial<LogConfig> = {}) {
  const clock = new ManualClock()
  const fs = new SimFs({ now: () => clock.wallMs() })
  const maintenance = { ...defaultMaintenanceSettings, initialDelayMs: 500, retentionCheckIntervalMs: INTERVAL_MS }
  const store = () =>
    diskLogStore({ fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1), maintenance })
  const engine = { clock, turn: () => setImmediate(), store, isDurable: true, dispose: async () => {} }
  const run = await LogRun.open(engine, { segmentBytes: 500, retentionMs: 100, fileDeleteDelayMs: 10_000, ...changes })
  const produce = async (count: number) => {
    for (let index = 0; index < count; index++) {
      await run.append({ records: records(1, 300, BigInt(clock.wallMs())) }, 'flushed')
    }
  }
  const advance = async (ms: number) => {
    clock.advance(ms)
    for (let turn = 0; turn < 60; turn++) await run.settle(null)
  }
  const names = (ending: string) => fs.readdirSync(DIRECTORY).filter((name) => name.endsWith(ending))
  return { run, clock, fs, produce, advance, names }
}

it('the first look comes after the initial delay, the next ones each interval', async () => {
  const { run, produce, advance } = await start()
  await produce(3)
  await advance(499)
  expect(run.log.startOffset).toBe(0)
  expect(run.log.segmentsCount).toBe(3)
  await advance(1)
  expect(run.log.startOffset).toBe(3)
  expect(run.log.segmentsCount).toBe(1)
  await produce(2)
  await advance(INTERVAL_MS - 1)
  expect(run.log.startOffset).toBe(3)
  await advance(1)
  expect(run.log.startOffset).toBe(5)
  await run.settle(run.store.close())
  await advance(10 * INTERVAL_MS)
})

it('deleted files are out of sight at once and gone after file.delete.delay.ms', async () => {
  const { run, produce, advance, names } = await start()
  await produce(3)
  await advance(500)
  expect(names('.log')).toEqual(['00000000000000000003.log'])
  expect(names('.log.deleted')).toHaveLength(3)
  await advance(9_999)
  expect(names('.deleted')).not.toEqual([])
  await advance(1)
  expect(names('.deleted')).toEqual([])
  await run.end()
})

it('deleted files that a dead process left are gone after the next start', async () => {
  const { run, produce, advance, names } = await start()
  await produce(3)
  await advance(500)
  await run.reopen()
  expect(names('.deleted')).toEqual([])
  expect([run.log.startOffset, run.log.endOffset]).toEqual([3, 3])
  await run.end()
})

it('a power cut after a deletion brings back neither records nor offsets', async () => {
  const { run, produce, advance, fs } = await start()
  await produce(4)
  await advance(500)
  expect(run.log.startOffset).toBe(4)
  fs.losePower()
  await run.reopen()
  expect([run.log.failure, run.log.startOffset, run.log.endOffset]).toEqual([null, 4, 4])
  await produce(1)
  expect(run.log.endOffset).toBe(5)
  await run.end()
})

describe('what DeleteRecords has cut off goes when the device knows where the log begins, and not before', () => {
  const NAMES = ['00000000000000000000.log', '00000000000000000001.log', '00000000000000000002.log']

  it('though retention has its look meanwhile', async () => {
    const { run, produce, advance, fs, names } = await start({ retentionMs: -1 })
    await produce(3)
    fs.holdsFlushes = true
    const deleted = run.log.deleteRecordsBefore(offset(2))
    await advance(500)
    await advance(INTERVAL_MS)
    expect(names('.log')).toEqual(NAMES)
    fs.holdsFlushes = false
    fs.releaseFlushes()
    await run.settle(deleted)
    expect(names('.log')).toEqual(NAMES.slice(2))
    await run.end()
  })

  it('though a second call follows before the first is done', async () => {
    const { run, clock, produce, fs, names } = await start({ retentionMs: -1 })
    await produce(3)
    fs.holdsFlushes = true
    let isFirstDone = false
    const first = Promise.resolve(run.log.deleteRecordsBefore(offset(1))).then(() => {
      isFirstDone = true
    })
    const second = run.log.deleteRecordsBefore(offset(2))
    while (!isFirstDone) {
      fs.releaseFlushes()
      clock.tick()
      await setImmediate()
    }
    await first
    expect(names('.log')).toEqual(NAMES.slice(1))
    fs.holdsFlushes = false
    fs.releaseFlushes()
    await run.settle(second)
    expect(names('.log')).toEqual(NAMES.slice(2))
    await run.end()
  })
})

it('a full disk does not keep old segments', async () => {
  const { run, produce, advance, fs } = await start()
  await produce(4)
  fs.fault = (operation, path) => (operation === 'write' && !path.endsWith('.log') ? 'ENOSPC' : null)
  await advance(500)
  expect([run.log.failure, run.log.startOffset]).toEqual([null, 4])
  fs.fault = () => null
  await produce(1)
  await run.end()
})

it('a segment is deleted while it is read: the reader has it to the end, or hears that it is gone', async () => {
  const { run, produce, advance } = await start({ fileDeleteDelayMs: 0 })
  await produce(4)
  await run.restart()
  const reading = Promise.resolve(
    run.log.read({ offset: 0 as never, bytesMax: 10_000, atLeastOneBatch: true, bound: 'end' }),
  )
  await advance(500)
  const result = await run.settle(reading)
  if (result.ok) result.release()
  else expect(result.error).toBe('OFFSET_OUT_OF_RANGE')
  expect([run.log.failure, run.log.startOffset]).toEqual([null, 4])
  await run.end()
})

it('a segment that waits for its first flush may be deleted', async () => {
  const { run, clock, advance, fs } = await start({ fileDeleteDelayMs: 0 })
  fs.holdsFlushes = true
  for (let index = 0; index < 3; index++) {
    await run.append({ records: records(1, 300, BigInt(clock.wallMs()) - 1000n) })
  }
  await advance(500)
  fs.holdsFlushes = false
  fs.releaseFlushes()
  await run.settle(run.log.flush())
  expect([run.log.failure, run.log.startOffset]).toEqual([null, 3])
  await run.end()
})

it('goes by the last write where records have no timestamp', async () => {
  const { run, advance } = await start({ retentionMs: 10_000 })
  for (let index = 0; index < 4; index++) await run.append({ records: records(1, 300, -1n) })
  await advance(5_000)
  await advance(5_000)
  expect(run.log.startOffset).toBe(0)
  await advance(INTERVAL_MS)
  expect(run.log.startOffset).toBe(4)
  await run.end()
})

describe('a segment is closed', () => {
  const segments = ({ names }: Awaited<ReturnType<typeof start>>) => names('.log').length

  it.each([
    ['segment.ms', { segmentMs: 5_000 }],
    ['max.compaction.lag.ms on a compacted topic', { cleanupCompact: true, maxCompactionLagMs: 5_000 }],
  ])('after %s', async (_, changes) => {
    const started = await start({ ...changes, segmentBytes: 100_000, retentionMs: -1 })
    await started.produce(1)
    started.clock.advance(5_000)
    await started.produce(1)
    expect(segments(started)).toBe(1)
    started.clock.advance(1)
    await started.produce(1)
    expect(segments(started)).toBe(2)
    await started.run.end()
  })

  it('earlier by a part of segment.jitter.ms, which is no more than segment.ms', async () => {
    const started = await start({
      segmentMs: 5_000,
      segmentJitterMs: 1_000_000,
      segmentBytes: 100_000,
      retentionMs: -1,
    })
    const { clock, produce, run } = started
    let closedAfterMs = 0
    await produce(1)
    while (segments(started) === 1) {
      closedAfterMs += 100
      clock.advance(100)
      await produce(1)
    }
    expect(closedAfterMs).toBeGreaterThan(0)
    expect(closedAfterMs).toBeLessThan(5_000)
    await run.end()
  })
})
