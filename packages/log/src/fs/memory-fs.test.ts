import { SeededPrng } from '@odradek/core'
import { MemoryFs } from './memory-fs.ts'

describe('a bounded memory file system', () => {
  it('cuts the write that fills it short, fails the next, and takes more when something is gone', () => {
    const fs = new MemoryFs({ bytesMax: 4096 })
    const file = fs.openSync('a', 'append')
    expect(file.writeSync([Buffer.alloc(3000), Buffer.alloc(3000)], 0)).toBe(4096)
    expect(() => file.writeSync([Buffer.alloc(1)], 4096)).toThrow('ENOSPC')
    const other = fs.openSync('b', 'append')
    expect(() => other.writeSync([Buffer.alloc(1)], 0)).toThrow('ENOSPC')
    file.truncateSync(2048)
    expect(other.writeSync([Buffer.alloc(10)], 0)).toBe(10)
    fs.unlinkSync('a')
    expect(fs.budget.usedBytes).toBe(1024)
  })

  it('keeps bytes right over chunks of all sizes', () => {
    const seed = Number(process.env['SEED'] ?? 5)
    const prng = new SeededPrng(seed)
    const fs = new MemoryFs()
    const file = fs.openSync('a', 'append')
    let model = Buffer.alloc(0)
    for (let step = 0; step < 200; step++) {
      const bytes = Buffer.alloc(1 + prng.below(step < 100 ? 3000 : 60_000), prng.below(256))
      const position = prng.below(4) === 0 ? prng.below(model.byteLength + 1) : model.byteLength
      file.writeSync([bytes], position)
      model = Buffer.concat([model.subarray(0, position), bytes, model.subarray(position + bytes.byteLength)])
      if (prng.below(20) === 0) {
        model = model.subarray(0, prng.below(model.byteLength))
        file.truncateSync(model.byteLength)
      }
    }
    expect([seed, Buffer.from(fs.readFileSync('a') ?? []).equals(model)]).toEqual([seed, true])
  })
})
