import { MemoryFs } from '../fs/memory-fs.ts'
import { HoldingFs } from './holding-fs.ts'

function write(fs: HoldingFs, path: string, text: string): void {
  const handle = fs.openSync(path, 'create')
  handle.writeSync([Buffer.from(text)], 0)
  handle.closeSync()
}

function filled(): HoldingFs {
  const fs = new HoldingFs(new MemoryFs())
  fs.mkdirSync('d/p')
  for (const name of ['a', 'b', 'c']) write(fs, `d/p/${name}`, name)
  return fs
}

const read = (fs: HoldingFs, path: string) => Buffer.from(fs.readFileSync(path) ?? '').toString()
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what retention and compaction do to held files takes their names, and their bytes only after the hold', async () => {
  const fs = filled()
  const hold = fs.hold(new Map([['d/p', ['a', 'b']]]))
  fs.renameSync('d/p/a', 'd/p/a.deleted')
  await fs.unlink('d/p/a.deleted')
  fs.unlinkSync('d/p/b')
  write(fs, 'd/p/b', 'new')
  write(fs, 'd/p/c.tmp', 'newer')
  fs.renameSync('d/p/c.tmp', 'd/p/b')
  fs.unlinkSync('d/p/c')
  expect(read(fs, hold.pathOf('d/p/a'))).toBe('a')
  expect(read(fs, hold.pathOf('d/p/b'))).toBe('b')
  expect(fs.statSync('d/p/a.deleted')).toBeNull()
  expect(fs.statSync('d/p/c')).toBeNull()
  hold.release()
  await turn()
  expect(fs.readdirSync('d/p')).toEqual(['b'])
  expect(read(fs, 'd/p/b')).toBe('newer')
})

test('a topic that is deleted meanwhile can be read to the end', async () => {
  const fs = filled()
  const hold = fs.hold(new Map([['d/p', ['a']]]))
  fs.renameSync('d/p', 'd/p-delete')
  await fs.removeDirectory('d/p-delete')
  expect(read(fs, hold.pathOf('d/p/a'))).toBe('a')
  hold.release()
  await turn()
  expect(fs.readdirSync('d')).toEqual([])
})

test('without a hold, and for files that are not held, nothing is put off', async () => {
  const fs = filled()
  const hold = fs.hold(new Map([['d/p', ['a']]]))
  await fs.unlink('d/p/b')
  expect(fs.readdirSync('d/p')).toEqual(['a', 'c'])
  hold.release()
  await fs.removeDirectory('d/p')
  expect(fs.readdirSync('d')).toEqual([])
})

test('a watch tells where files were made, written, renamed and removed, also through handles from before', async () => {
  const fs = filled()
  for (const name of ['q', 'r', 's', 't', 'still']) fs.mkdirSync(`d/${name}`)
  const written = fs.openSync('d/q/log', 'append')
  const moved = fs.openSync('d/t/log', 'append')
  fs.renameSync('d/t', 'd/t-moved')
  fs.watch()
  expect(read(fs, 'd/p/a')).toBe('a')
  expect([...fs.takeTouched()]).toEqual([])
  written.writeSync([Buffer.from('1')], 0)
  expect([...fs.takeTouched()]).toEqual(['d/q'])
  written.truncateSync(0)
  moved.writeSync([Buffer.from('1')], 0)
  write(fs, 'd/r/new', '')
  fs.renameSync('d/r/new', 'd/s/new')
  await fs.unlink('d/p/a')
  expect([...fs.takeTouched()].sort()).toEqual(['d/p', 'd/q', 'd/r', 'd/s', 'd/t', 'd/t-moved'])
  fs.mkdirSync('d/made')
  expect([...fs.takeTouched()]).toEqual(['d'])
  fs.endWatch()
})
