import { randomBytes, randomInt } from 'node:crypto'
import type { Prng } from './prng.ts'

export class SystemPrng implements Prng {
  bytes(count: number): Uint8Array {
    return randomBytes(count)
  }

  below(limit: number): number {
    return randomInt(limit)
  }
}
