import { setImmediate } from 'node:timers/promises'
import { ManualClock, offset, SeededPrng, silentLogger } from '@odradek/core'
import { GUESSED_READ_BYTES_MAX } from './cache-guess.ts'
import { BASE_TIMESTAMP, LogRun, records } from './contract/log-run.ts'
import { diskLogStore } from './disk-log-store.ts'
import { MemoryFs } from './fs/memory-fs.ts'
import { CHECKED_BYTES_PER_TURN } from './log-reader.ts'

const BATCH_BYTES = 1024 * 1024

const BATCHES = GUESSED_READ_BYTES_MAX / BATCH_BYTES + 2

const clock = new ManualClock(Number(BASE_TIMESTAMP))

async function filled(): Promise<LogRun> {
  const fs = new MemoryFs({ now: () => clock.wallMs() })
  const engine = {
    clock,
    turn: () => setImmediate(),
    store: () => diskLogStore({ fs, directory: 'data', clock, logger: silentLogger, prng: new SeededPrng(1) }),
    isDurable: true,
    dispose: async () => {},
  }
  const run = await LogRun.open(engine)
  for (let index = 0; index < BATCHES; index++)
    await run.append({ records: records(1, BATCH_BYTES, BASE_TIMESTAMP) }, 'written')
  return run
}

const read = (run: LogRun, bytesMax: number) =>
  run.log.read({ offset: offset(0), bytesMax, atLeastOneBatch: true, bound: 'end' })

test('much of what was just written is read on another thread, a little of it at once where there is memory for it', async () => {
  const run = await filled()
  const first = read(run, 2 * BATCH_BYTES)
  expect(first).toBeInstanceOf(Promise)
  const other = await first
  if (other.ok) other.release()
  const little = read(run, 2 * BATCH_BYTES)
  expect(little).not.toBeInstanceOf(Promise)
  const meanwhile = read(run, 2 * BATCH_BYTES)
  expect(meanwhile).toBeInstanceOf(Promise)
  const much = read(run, 2 * BATCHES * BATCH_BYTES)
  expect(much).toBeInstanceOf(Promise)
  const results = [await little, await meanwhile, await much]
  const bytes = results.map((result) => (result.ok ? result.records : new Uint8Array()))
  expect(bytes.map(({ length }) => Math.floor(length / BATCH_BYTES))).toEqual([1, 1, BATCHES])
  expect(
    Buffer.compare(bytes[0] ?? new Uint8Array(), (bytes[2] ?? new Uint8Array()).subarray(0, bytes[0]?.length)),
  ).toBe(0)
  for (const result of results) if (result.ok) result.release()
})

test('checksums of a large read of what was there before take as many turns as it has megabytes', async () => {
  const run = await filled()
  await run.restart()
  let isDone = false
  const reading = read(run, 2 * BATCHES * BATCH_BYTES)
  void Promise.resolve(reading).then(() => {
    isDone = true
  })
  let turns = 0
  while (!isDone) {
    await setImmediate()
    turns += isDone ? 0 : 1
    clock.advance(0)
  }
  const result = await reading
  expect(result.ok && Math.floor(result.records.length / BATCH_BYTES)).toBe(BATCHES)
  // A batch is a little larger than what is checked in a turn.
  expect(turns).toBeGreaterThanOrEqual(BATCHES * Math.floor(BATCH_BYTES / CHECKED_BYTES_PER_TURN) - 1)
})
