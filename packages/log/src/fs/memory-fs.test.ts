import { SeededPrng } from '@odradek/core'
import { MemoryFs } from './memory-fs.ts'

const text = (fs: MemoryFs, path: string) => {
  const bytes = fs.readFileSync(path)
  return bytes === null ? null : Buffer.from(bytes).toString()
}

function write(fs: MemoryFs, path: string, content: string, position = 0) {
  const file = fs.openSync(path, 'append')
  file.writeSync([Buffer.from(content)], position)
  return file
}

describe('a power cut', () => {
  it('takes bytes that were not synced, and names whose directory was not', async () => {
    const fs = new MemoryFs()
    fs.mkdirSync('d')
    await fs.syncDirectory('')
    const synced = write(fs, 'd/synced', 'abc')
    await synced.datasync()
    write(fs, 'd/synced', 'def', 3)
    await write(fs, 'd/nameless', 'xyz').datasync()
    await fs.syncDirectory('d')
    write(fs, 'd/late', 'xyz')
    fs.losePower()
    expect(fs.readdirSync('d')).toEqual(['nameless', 'synced'])
    expect([text(fs, 'd/synced'), text(fs, 'd/nameless')]).toEqual(['abc', 'xyz'])
  })

  it('brings back what was overwritten, cut, renamed or removed', async () => {
    const fs = new MemoryFs()
    await write(fs, 'a', '0123456789').datasync()
    await write(fs, 'b', 'old').datasync()
    await fs.syncDirectory('')
    const a = write(fs, 'a', 'XX', 2)
    a.truncateSync(5)
    a.writeSync([Buffer.from('YYYYYYYY')], 5)
    fs.renameSync('a', 'b')
    expect(text(fs, 'b')).toBe('01XX4YYYYYYYY')
    fs.unlinkSync('b')
    fs.losePower()
    expect([text(fs, 'a'), text(fs, 'b')]).toEqual(['0123456789', 'old'])
  })

  it('may leave some of what was appended', async () => {
    const fs = new MemoryFs()
    await write(fs, 'a', 'abc').datasync()
    await fs.syncDirectory('')
    write(fs, 'a', 'defgh', 3)
    fs.losePower((path, unsyncedBytes) => (path === '/a' ? unsyncedBytes - 2 : 0))
    expect(text(fs, 'a')).toBe('abcdef')
  })

  it('gives up every lock', () => {
    const fs = new MemoryFs()
    fs.lock('x')
    fs.losePower()
    expect(fs.lock('x')).not.toBeNull()
  })
})

describe('a bounded memory file system', () => {
  it('cuts the write that fills it short, fails the next, and takes more when something is gone', () => {
    const fs = new MemoryFs({ bytesMax: 4096, losesPower: false })
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
    const fs = new MemoryFs({ losesPower: false })
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
