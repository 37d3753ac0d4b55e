import { setImmediate } from 'node:timers/promises'
import { type Logger, ManualClock, SeededPrng, silentLogger } from '@odradek/core'
import { partitionLogContract } from './contract/index.ts'
import { batchesIn, IDENTITY, LogRun, records } from './contract/log-run.ts'
import { memoryLogStore } from './memory-log-store.ts'

const MEGABYTE = 1024 * 1024

describe('logs in memory', () => {
  partitionLogContract(() => {
    const clock = new ManualClock()
    const settings = { clock, logger: silentLogger, prng: new SeededPrng(1), bytesMax: 64 * MEGABYTE }
    return {
      clock,
      turn: () => setImmediate(),
      store: () => memoryLogStore({ ...settings, whenFull: 'refuse' }),
      isDurable: false,
      dispose: async () => {},
    }
  })
})

describe('the memory for logs', () => {
  const start = async (whenFull: 'refuse' | 'dropOldest') => {
    const clock = new ManualClock()
    const errors: string[] = []
    const logger: Logger = { ...silentLogger, error: (message) => errors.push(message) }
    const prng = new SeededPrng(1)
    const store = memoryLogStore({ clock, logger, prng, bytesMax: 16 * MEGABYTE, whenFull })
    const engine = { clock, turn: () => setImmediate(), store: () => store, isDurable: false, dispose: async () => {} }
    const first = await LogRun.open(engine)
    const second = await LogRun.open(engine, {}, { ...IDENTITY, partition: 4 })
    return { first, second, errors }
  }

  it('is bounded over all partitions: past it appends are refused with one line, and reads go on', async () => {
    const { first, second, errors } = await start('refuse')
    let accepted = 0
    const answers: boolean[] = []
    for (let index = 0; index < 40; index++) {
      const result = await (index % 2 === 0 ? first : second).append({ records: records(1, 900_000) })
      answers.push(result.ok)
      if (result.ok) accepted++
      else expect(result.error).toBe('KAFKA_STORAGE_ERROR')
    }
    expect(accepted).toBeGreaterThanOrEqual(14)
    expect(accepted).toBeLessThanOrEqual(18)
    expect(answers.lastIndexOf(true)).toBe(accepted - 1)
    expect(errors).toEqual([expect.stringContaining('odradek.memory.log.bytes')])
    expect([first.log.failure, second.log.failure]).toEqual([null, null])
    expect(batchesIn(await first.readAll(0)).length + batchesIn(await second.readAll(0)).length).toBe(accepted)
    await first.settle(first.log.close())
    await first.settle(first.store.remove(IDENTITY))
    expect(await second.append({ records: records(1, 900_000) })).toMatchObject({ ok: true })
  })

  it('goes to the newest records where the oldest may be dropped', async () => {
    const { first, second, errors } = await start('dropOldest')
    await second.append({ records: records(1, 900_000) })
    first.engine.clock.advance(10)
    for (let index = 0; index < 100; index++) {
      first.engine.clock.advance(1)
      expect(await first.append({ records: records(1, 300_000) })).toMatchObject({ ok: true, baseOffset: index })
    }
    expect(errors).toEqual([])
    expect(second.log.startOffset).toBe(1)
    expect(first.log.startOffset).toBeGreaterThan(40)
    expect(first.log.startOffset).toBeLessThan(70)
    const kept = batchesIn(await first.readAll(first.log.startOffset))
    expect(kept.map(({ baseOffset }) => baseOffset)).toEqual(
      Array.from({ length: 100 - first.log.startOffset }, (_, index) => first.log.startOffset + index),
    )
    expect(await first.read(0)).toBeNull()
    expect(await second.append({ records: records(1) })).toMatchObject({ ok: true, baseOffset: 1 })
  })
})
