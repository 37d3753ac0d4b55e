import { setImmediate } from 'node:timers/promises'
import { ManualClock, SeededPrng, silentLogger } from '@odradek/core'
import { partitionLogContract } from './contract/index.ts'
import { lateLogStore } from './contract/late-log-store.ts'
import { diskLogStore } from './disk-log-store.ts'
import { MemoryFs } from './fs/memory-fs.ts'

describe('logs that are late', () => {
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
      store: () => lateLogStore(diskLogStore(settings), clock, 3),
      isDurable: true,
      dispose: async () => {},
    }
  })
})
