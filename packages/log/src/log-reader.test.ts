import { setImmediate } from 'node:timers/promises'
import { ManualClock, offset, SeededPrng, silentLogger } from '@odradek/core'
import { GUESSED_READ_BYTES_MAX } from './cache-guess.ts'
import { BASE_TIMESTAMP, LogRun, records } from './contract/log-run.ts'
import { diskLogStore } from './disk-log-store.ts'
import { MemoryFs } from './fs/memory-fs.ts'

const BATCH_BYTES = 1024 * 1024

test('much of what was just written is read on another thread, a little of it at once', async () => {
  const clock = new ManualClock(Number(BASE_TIMESTAMP))
  const fs = new MemoryFs({ now: () => clock.wallMs() })
  const engine = {
    clock,
    turn: () => setImmediate(),
    store: () => diskLogStore({ fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) }),
    isDurable: true,
    dispose: async () => {},
  }
  const run = await LogRun.open(engine)
  const batches = GUESSED_READ_BYTES_MAX / BATCH_BYTES + 2
  for (let index = 0; index < batches; index++)
    await run.append({ records: records(1, BATCH_BYTES, BASE_TIMESTAMP) }, 'written')
  const read = (bytesMax: number) => run.log.read({ offset: offset(0), bytesMax, atLeastOneBatch: true, bound: 'end' })
  const little = read(2 * BATCH_BYTES)
  expect(little).not.toBeInstanceOf(Promise)
  const much = read(2 * batches * BATCH_BYTES)
  expect(much).toBeInstanceOf(Promise)
  const results = [await little, await much]
  const bytes = results.map((result) => (result.ok ? result.records : new Uint8Array()))
  expect(bytes.map(({ length }) => Math.floor(length / BATCH_BYTES))).toEqual([1, batches])
  expect(
    Buffer.compare(bytes[0] ?? new Uint8Array(), (bytes[1] ?? new Uint8Array()).subarray(0, bytes[0]?.length)),
  ).toBe(0)
  for (const result of results) if (result.ok) result.release()
})
