import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskFs } from './disk-fs.ts'
import { MemoryFs } from './memory-fs.ts'

const PROCESS_IDS_END = 4_194_304

describe.each([
  ['the disk', () => ({ fs: new DiskFs(), directory: mkdtempSync(join(tmpdir(), 'odradek-fs-')) })],
  ['memory', () => ({ fs: new MemoryFs(), directory: 'top' })],
])('a file system on %s', (_, make) => {
  const { fs, directory } = make()

  afterAll(() => {
    if (fs instanceof DiskFs) rmSync(directory, { recursive: true })
  })

  it('writes where it is told, gathers, reads back and cuts', async () => {
    fs.mkdirSync(`${directory}/a/b`)
    const file = fs.openSync(`${directory}/a/b/file`, 'append')
    expect(file.writeSync([Buffer.from('hello '), Buffer.from('world')], 0)).toBe(11)
    expect(file.writeSync([Buffer.from('J')], 0)).toBe(1)
    const target = Buffer.alloc(20, '.')
    expect(file.readSync(target, 2, 18, 6)).toBe(5)
    expect(target.toString().slice(0, 9)).toBe('..world..')
    expect(await file.read(target, 0, 5, 0)).toBe(5)
    expect(target.toString().slice(0, 5)).toBe('Jello')
    expect(await file.read(target, 0, 5, 11)).toBe(0)
    file.truncateSync(4)
    await file.datasync()
    expect(file.size()).toBe(4)
    file.closeSync()
    expect(Buffer.from(fs.readFileSync(`${directory}/a/b/file`) ?? []).toString()).toBe('Jell')
    fs.openSync(`${directory}/a/b/file`, 'create').closeSync()
    expect(fs.statSync(`${directory}/a/b/file`)).toMatchObject({ isDirectory: false, sizeBytes: 0 })
    expect(fs.statSync(`${directory}/a`)).toMatchObject({ isDirectory: true })
  })

  it('knows what is missing', () => {
    const missing = `${directory}/none`
    expect(fs.statSync(missing)).toBeNull()
    expect(fs.readFileSync(missing)).toBeNull()
    expect(fs.readdirSync(missing)).toEqual([])
    fs.unlinkSync(missing)
    expect(() => fs.openSync(missing, 'read')).toThrow('ENOENT')
  })

  it('lists, renames over what is there, and removes whole directories', async () => {
    for (const name of ['z', 'm', 'k']) {
      const file = fs.openSync(`${directory}/${name}`, 'create')
      file.writeSync([Buffer.from(name)], 0)
      file.closeSync()
    }
    fs.mkdirSync(`${directory}/tree/inner`)
    fs.openSync(`${directory}/tree/inner/leaf`, 'create').closeSync()
    fs.renameSync(`${directory}/z`, `${directory}/m`)
    expect(Buffer.from(fs.readFileSync(`${directory}/m`) ?? []).toString()).toBe('z')
    await fs.unlink(`${directory}/k`)
    await fs.unlink(`${directory}/k`)
    await fs.removeDirectory(`${directory}/tree`)
    await fs.removeDirectory(`${directory}/tree`)
    await fs.syncDirectory(directory)
    expect(fs.readdirSync(directory).filter((name) => name !== 'a')).toEqual(['m'])
  })

  it('locks once, and again when released', () => {
    const lock = fs.lock(`${directory}/.lock`)
    expect(lock).not.toBeNull()
    expect(fs.lock(`${directory}/.lock`)).toBeNull()
    lock?.release()
    lock?.release()
    const next = fs.lock(`${directory}/.lock`)
    expect(next).not.toBeNull()
    next?.release()
  })
})

describe('a lock on the disk', () => {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-lock-'))
  const path = join(directory, '.lock')

  afterAll(() => rmSync(directory, { recursive: true }))

  it('names its process, and is gone when released', () => {
    const lock = new DiskFs().lock(path)
    expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`^${process.pid} `))
    lock?.release()
    expect(existsSync(path)).toBe(false)
  })

  it.each([
    ['a dead process', `${PROCESS_IDS_END - 1} 12345\n`],
    ['a dead process that had the number of a living one', `${process.ppid} 1\n`],
    ['an earlier start that had our own number', `${process.pid} 1\n`],
    ['nobody', ''],
  ])('of %s is taken over', (_, content) => {
    if (!existsSync('/proc') && content.startsWith(String(process.ppid))) return
    writeFileSync(path, content)
    const lock = new DiskFs().lock(path)
    expect(lock).not.toBeNull()
    lock?.release()
  })

  it('of a process that was killed, and that its parent has not waited for, is taken over', async () => {
    if (!existsSync('/proc')) return
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'])
    const processId = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
    const stat = () => readFileSync(`/proc/${processId}/stat`, 'latin1').split(' ')
    writeFileSync(path, `${processId} ${stat()[21]}\n`)
    expect(new DiskFs().lock(path)).toBeNull()
    process.kill(processId, 'SIGKILL')
    while (stat()[2] !== 'Z') await new Promise((resolve) => setImmediate(resolve))
    const lock = new DiskFs().lock(path)
    expect(lock).not.toBeNull()
    lock?.release()
    parent.kill('SIGKILL')
  })

  it('holds under every name that the directory has', () => {
    const link = `${directory}-link`
    symlinkSync(directory, link)
    const lock = new DiskFs().lock(path)
    expect(new DiskFs().lock(join(link, '.lock'))).toBeNull()
    expect(new DiskFs().lock(`${directory}/./.lock`)).toBeNull()
    lock?.release()
    rmSync(link)
  })

  it('of a living process holds', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)'])
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const stat = existsSync('/proc') ? readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(' ')[21] : ''
    writeFileSync(path, `${child.pid} ${stat}\n`)
    expect(new DiskFs().lock(path)).toBeNull()
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    const lock = new DiskFs().lock(path)
    expect(lock).not.toBeNull()
    lock?.release()
  })
})

it('a directory that nobody can make is an error at once', () => {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-fs-'))
  writeFileSync(join(directory, 'file'), '')
  const fs = new DiskFs()
  expect(() => fs.mkdirSync(join(directory, 'file'))).toThrow(/EEXIST/)
  expect(() => fs.mkdirSync(join(directory, 'file/below'))).toThrow(/EEXIST|ENOTDIR/)
  // A parent that is there and takes no children: Node's recursive mkdir never comes back from it.
  if (existsSync('/proc/self')) expect(() => fs.mkdirSync('/proc/nobody/below')).toThrow(/ENOENT/)
  rmSync(directory, { recursive: true })
})
