import { setImmediate } from 'node:timers/promises'
import { ManualClock, SeededPrng, silentLogger } from '@odradek/core'
import { partitionLogContract } from './contract/index.ts'
import { memoryLogStore } from './memory-log-store.ts'

describe('logs in memory', () => {
  partitionLogContract(() => {
    const clock = new ManualClock()
    const settings = { clock, logger: silentLogger, prng: new SeededPrng(1), bytesMax: 64 * 1024 * 1024 }
    return {
      clock,
      turn: () => setImmediate(),
      store: () => memoryLogStore({ ...settings, whenFull: 'refuse' }),
      isDurable: false,
      dispose: async () => {},
    }
  })
})
