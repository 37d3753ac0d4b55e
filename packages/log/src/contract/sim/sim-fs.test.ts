import { SeededPrng } from '@odradek/core'
import { LIE, SimFs } from './sim-fs.ts'

// A test file system that loses nothing proves nothing: here is what this one takes, and what it leaves.

const OLD = Buffer.alloc(3 * 4096, 'o')
const NEW = Buffer.alloc(3 * 4096, 'n')

const text = (fs: SimFs, path: string) => {
  const bytes = fs.readFileSync(path)
  return bytes === null ? null : Buffer.from(bytes).toString()
}

function write(fs: SimFs, path: string, content: string | Buffer, position = 0) {
  const file = fs.openSync(path, 'append')
  file.writeSync([Buffer.from(content)], position)
  return file
}

/** What a power cut can leave of what `prepare` did, over many draws. */
async function leftovers(prepare: (fs: SimFs) => Promise<void>, look: (fs: SimFs) => string): Promise<Set<string>> {
  const seen = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const fs = new SimFs()
    await prepare(fs)
    fs.losePower(new SeededPrng(seed))
    seen.add(look(fs))
  }
  return seen
}

const namesOf = (fs: SimFs) => fs.readdirSync('').join(' ')

describe('a power cut at its worst', () => {
  it('takes bytes that were not flushed, and names whose directory was not', async () => {
    const fs = new SimFs()
    fs.mkdirSync('d')
    await fs.syncDirectory('')
    await write(fs, 'd/synced', 'abc').datasync()
    write(fs, 'd/synced', 'def', 3)
    await fs.syncDirectory('d')
    await write(fs, 'd/nameless', 'xyz').datasync()
    fs.losePower()
    expect(fs.readdirSync('d')).toEqual(['synced'])
    expect(text(fs, 'd/synced')).toBe('abc')
  })

  it('brings back what was overwritten, cut, renamed or removed', async () => {
    const fs = new SimFs()
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
    expect(() => a.writeSync([Buffer.from('Z')], 0)).toThrow('EBADF')
  })

  it('during a flush takes what the flush was to save', async () => {
    const fs = new SimFs()
    const file = write(fs, 'a', 'abc')
    await fs.syncDirectory('')
    fs.holdsFlushes = true
    const flushed = file.datasync()
    fs.losePower()
    fs.releaseFlushes()
    await flushed
    expect(text(fs, 'a')).toBe('')
  })
})

describe('a power cut as it comes', () => {
  it('keeps sectors in any combination, torn ones too, and sizes without their bytes', async () => {
    const prepare = async (fs: SimFs) => {
      await write(fs, 'a', OLD).datasync()
      await fs.syncDirectory('')
      write(fs, 'a', NEW)
    }
    const shape = (fs: SimFs) => (text(fs, 'a') ?? '').replaceAll(/o+|n+|\0+/g, (run) => `${run[0]}${run.length}`)
    const overwritten = await leftovers(prepare, shape)
    for (const one of ['o12288', 'n12288', 'n4096o8192', 'o8192n4096', 'o4096n4096o4096'])
      expect(overwritten).toContain(one)
    expect([...overwritten].some((one) => /n(512|1024|1536|2048|2560|3072|3584)o/.test(one))).toBe(true)
    const appended = await leftovers(
      async (fs) => {
        await prepare(fs)
        write(fs, 'a', Buffer.alloc(8192, 'm'), OLD.byteLength)
      },
      (fs) => shape(fs).replaceAll(/m+/g, (run) => `m${run.length}`),
    )
    const sizes = [...appended].map((one) => one.match(/\d+/g)?.reduce((sum, count) => sum + Number(count), 0))
    expect(sizes).toContain(12288)
    expect(sizes).toContain(20480)
    expect([...appended].some((one) => one.includes('\0'))).toBe(true)
  })

  it('keeps names one by one or as the journal had them, and a rename whole or not at all', async () => {
    const names = await leftovers(
      async (fs) => {
        fs.mkdirSync('d')
        for (const name of ['a', 'b', 'c']) await write(fs, `d/${name}`, name).datasync()
        await fs.syncDirectory('d')
        await fs.syncDirectory('')
        fs.renameSync('d/a', 'd/x')
        fs.unlinkSync('d/b')
        write(fs, 'd/y', 'new')
      },
      (fs) => fs.readdirSync('d').join(''),
    )
    expect([...names].sort()).toEqual(['abc', 'abcy', 'ac', 'acy', 'bcx', 'bcxy', 'cx', 'cxy'].sort())
  })

  it('takes nothing that was flushed', async () => {
    const kept = await leftovers(
      async (fs) => {
        await write(fs, 'a', OLD).datasync()
        fs.renameSync('a', 'b')
        await fs.syncDirectory('')
      },
      (fs) => `${namesOf(fs)} ${text(fs, 'b') === OLD.toString()}`,
    )
    expect([...kept]).toEqual(['b true'])
  })
})

describe('a process that dies', () => {
  it('does so before the chosen change; what it wrote stays, of its last write some', () => {
    const fs = new SimFs()
    write(fs, 'a', 'abc')
    fs.changesLeft = 1
    fs.lastWrite = () => 2
    write(fs, 'a', 'def', 3)
    expect(() => write(fs, 'a', 'ghi', 6)).toThrow('EIO')
    expect(fs.isDead).toBe(true)
    expect(() => fs.openSync('a', 'read')).toThrow('EIO')
    expect(text(fs.kill(), 'a')).toBe('abcdefgh')
  })

  it('gives up its locks, as does one without power', () => {
    const fs = new SimFs()
    fs.lock('x')
    expect(fs.lock('x')).toBeNull()
    expect(fs.kill().lock('x')).not.toBeNull()
    fs.losePower()
    expect(fs.lock('x')).not.toBeNull()
  })
})

describe('a call', () => {
  it('fails, comes short or lies when told to', async () => {
    const fs = new SimFs()
    const file = write(fs, 'a', 'abc')
    fs.fault = (operation) => (operation === 'write' ? 1 : operation === 'rename' ? 'EIO' : LIE)
    expect(file.writeSync([Buffer.from('de'), Buffer.from('fg')], 3)).toBe(1)
    expect(() => fs.renameSync('a', 'b')).toThrow('EIO')
    await file.datasync()
    await fs.syncDirectory('')
    expect(fs.flushes).toEqual(['a'])
    fs.fault = () => null
    expect(text(fs, 'a')).toBe('abcd')
    fs.losePower()
    expect(text(fs, 'a')).toBeNull()
  })

  it('that could not flush leaves pages that no later flush writes', async () => {
    const fs = new SimFs()
    const file = write(fs, 'a', 'abc')
    await fs.syncDirectory('')
    fs.fault = (operation) => (operation === 'datasync' ? 'EIO' : null)
    await expect(file.datasync()).rejects.toThrow('EIO')
    fs.fault = () => null
    await file.datasync()
    expect(text(fs, 'a')).toBe('abc')
    fs.losePower()
    expect(text(fs, 'a')).toBe('\0\0\0')
  })

  it('that fills the disk comes short, the next fails, and there is space again when something is gone', () => {
    const fs = new SimFs({ bytesMax: 10 })
    const file = fs.openSync('a', 'append')
    expect(file.writeSync([Buffer.alloc(6), Buffer.alloc(6)], 0)).toBe(10)
    expect(() => file.writeSync([Buffer.alloc(1)], 10)).toThrow('ENOSPC')
    expect(file.writeSync([Buffer.alloc(10)], 0)).toBe(10)
    file.truncateSync(4)
    expect(write(fs, 'b', 'abc').size()).toBe(3)
  })
})

describe('a device that rots', () => {
  it('changes bits, loses files and writes sectors where they do not belong', () => {
    const fs = new SimFs()
    write(fs, 'a', Buffer.concat([Buffer.alloc(4096, 'a'), Buffer.alloc(4096, 'b')]))
    fs.disk.flipBit('a', 8 * 100)
    expect(text(fs, 'a')?.slice(99, 102)).toBe('a`a')
    fs.disk.misdirect('a', 1, 0)
    expect(text(fs, 'a')).toBe('b'.repeat(4096) + '\0'.repeat(4096))
    fs.disk.rot('a', () => null)
    fs.losePower()
    expect(text(fs, 'a')).toBeNull()
  })
})

it('is true to a plain array of bytes over any writes, cuts and flushes', async () => {
  const seed = Number(process.env['SEED'] ?? 5)
  const prng = new SeededPrng(seed)
  const fs = new SimFs()
  const file = fs.openSync('a', 'append')
  await fs.syncDirectory('')
  let model = Buffer.alloc(0)
  for (let step = 0; step < 300; step++) {
    const bytes = Buffer.alloc(1 + prng.below(9000), prng.below(256))
    const position = prng.below(2) === 0 ? model.byteLength : prng.below(model.byteLength + 1)
    file.writeSync([bytes], position)
    model = Buffer.concat([model.subarray(0, position), bytes, model.subarray(position + bytes.byteLength)])
    if (prng.below(10) === 0) {
      model = model.subarray(0, prng.below(model.byteLength))
      file.truncateSync(model.byteLength)
    }
    if (prng.below(10) === 0) await file.datasync()
  }
  expect([seed, Buffer.from(fs.readFileSync('a') ?? []).equals(model)]).toEqual([seed, true])
  await file.datasync()
  fs.losePower(prng)
  expect([seed, Buffer.from(fs.readFileSync('a') ?? []).equals(model)]).toEqual([seed, true])
})
