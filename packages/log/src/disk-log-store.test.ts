import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { ManualClock, SeededPrng, silentLogger } from '@odradek/core'
import { buildBatch, readBatchHeader } from '@odradek/records'
import { partitionLogContract } from './contract/index.ts'
import { IDENTITY, records, settle } from './contract/log-run.ts'
import { SimFs } from './contract/sim/sim-fs.ts'
import { diskLogStore } from './disk-log-store.ts'
import { DiskFs } from './fs/disk-fs.ts'
import { MemoryFs } from './fs/memory-fs.ts'
import { defaultLogConfig } from './log-config.ts'

describe('logs on the disk', () => {
  partitionLogContract(() => {
    const directory = mkdtempSync(join(tmpdir(), 'odradek-log-'))
    const clock = new ManualClock()
    const settings = { fs: new DiskFs(), directory, clock, logger: silentLogger, prng: new SeededPrng(1) }
    return {
      clock,
      turn: () => setImmediate(),
      store: () => diskLogStore(settings),
      isDurable: true,
      dispose: async () => rmSync(directory, { recursive: true, force: true }),
    }
  })
})

describe('logs on a simulated disk', () => {
  partitionLogContract(() => {
    const clock = new ManualClock()
    const settings = {
      fs: new MemoryFs({ now: () => clock.wallMs() }),
      directory: 'data',
      clock,
      logger: silentLogger,
      prng: new SeededPrng(1),
    }
    return {
      clock,
      turn: () => setImmediate(),
      store: () => diskLogStore(settings),
      isDurable: true,
      dispose: async () => {},
    }
  })
})

test('while all partitions flush at once few files are open, and each gets its turn', async () => {
  const [clock, fs, openFilesMax, partitions] = [new ManualClock(), new SimFs(), 8, 30]
  let [open, most] = [0, 0]
  const { openSync } = SimFs.prototype
  fs.openSync = (path, mode) => {
    const handle = openSync.call(fs, path, mode)
    const close = handle.closeSync.bind(handle)
    most = Math.max(most, ++open)
    handle.closeSync = () => {
      open--
      close()
    }
    return handle
  }
  const environment = { fs, clock, logger: silentLogger, prng: new SeededPrng(1) }
  const store = () => diskLogStore({ ...environment, directory: 'data', openFilesMax })
  const engine = { clock, turn: () => setImmediate(), store, isDurable: true, dispose: async () => {} }
  const opened = store()
  const logs = await Promise.all(
    Array.from({ length: partitions }, (_, partition) =>
      settle(engine, opened.open({ ...IDENTITY, partition }, defaultLogConfig)),
    ),
  )
  most = 0
  fs.holdsFlushes = true
  const batch = buildBatch({ records: records(1) })
  let answered = 0
  for (const log of logs) {
    log.append({ batch, header: readBatchHeader(batch), durability: 'flushed' }, ({ ok }) => (answered += ok ? 1 : 0))
  }
  for (let turn = 0; turn < 500 && answered < partitions; turn++) {
    await settle(engine, Promise.resolve())
    fs.releaseFlushes()
  }
  expect(answered).toBe(partitions)
  // A checkpoint may be written beside them.
  expect(most).toBeLessThanOrEqual(openFilesMax + 2)
})
