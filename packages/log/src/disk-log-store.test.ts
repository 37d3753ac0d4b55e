import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { ManualClock, SeededPrng, silentLogger } from '@odradek/core'
import { partitionLogContract } from './contract/index.ts'
import { diskLogStore } from './disk-log-store.ts'
import { DiskFs } from './fs/disk-fs.ts'
import { MemoryFs } from './fs/memory-fs.ts'

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
