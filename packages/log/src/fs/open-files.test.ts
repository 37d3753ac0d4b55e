import { SimFs } from '../contract/sim/sim-fs.ts'
import { MemoryFs } from './memory-fs.ts'
import { LazyFile, OpenFiles } from './open-files.ts'

function files(count: number): LazyFile[] {
  return Array.from({ length: count }, (_, index) => new LazyFile(`file-${index}`, 'append'))
}

const openOf = (all: readonly LazyFile[]) => all.map((file) => (file.handle === null ? '-' : 'o')).join('')

describe('open files', () => {
  it('are at most so many, those used last', () => {
    const open = new OpenFiles(new MemoryFs(), 3)
    const all = files(5)
    for (const file of all.slice(0, 3)) open.use(file)
    expect([open.count, openOf(all)]).toEqual([3, 'ooo--'])
    open.use(all[0]!)
    open.use(all[3]!)
    expect([open.count, openOf(all)]).toEqual([3, 'o-oo-'])
  })

  it('stay open while they are pinned, and close when asked to meanwhile', () => {
    const open = new OpenFiles(new MemoryFs(), 1)
    const [first, second] = files(2) as [LazyFile, LazyFile]
    const handle = open.pin(first)
    open.use(second)
    expect(first.handle).toBe(handle)
    open.close(first)
    expect(handle.size()).toBe(0)
    open.unpin(first)
    expect(first.handle).toBeNull()
    expect(() => handle.size()).toThrow('EBADF')
  })

  it('are pinned by no more than half as many who can wait, in their turn, and one past it waits', async () => {
    const open = new OpenFiles(new MemoryFs(), 8)
    const all = files(7)
    const wanted = () => true
    for (const file of all.slice(0, 4)) expect(open.pinSoon(file, wanted)).not.toBeInstanceOf(Promise)
    const [first, second] = all as [LazyFile, LazyFile]
    // One that is pinned already takes no more room.
    expect(open.pinSoon(first, wanted)).toBe(first.handle)
    open.unpin(first)
    const later = [all[4]!, all[5]!, all[6]!].map((file, index) => open.pinSoon(file, () => index !== 0))
    expect(openOf(all)).toBe('oooo---')
    open.unpin(first)
    expect(await later[0]).toBeNull()
    expect(await later[1]).toBe(all[5]!.handle)
    expect(openOf(all)).toBe('oooo-o-')
    open.unpin(second)
    expect(await later[2]).toBe(all[6]!.handle)
    expect([open.count, openOf(all)]).toEqual([6, 'oooo-oo'])
  })

  it('tell who waited that its file cannot be opened, and go on with the next', async () => {
    const fs = new SimFs()
    const open = new OpenFiles(fs, 2)
    const [first, second, third] = files(3) as [LazyFile, LazyFile, LazyFile]
    open.pin(first)
    const [failing, fine] = [second, third].map((file) => Promise.resolve(open.pinSoon(file, () => true)))
    fs.fault = (operation, path) => (operation === 'open' && path === second.path ? 'EIO' : null)
    open.unpin(first)
    await expect(failing).rejects.toThrow('EIO')
    expect(await fine).toBe(third.handle)
  })

  it('make room when the system has no more handles', () => {
    const fs = new SimFs()
    const open = new OpenFiles(fs, 100)
    const all = files(9)
    for (const file of all.slice(0, 8)) open.use(file)
    let failures = 1
    fs.fault = (operation) => (operation === 'open' && failures-- > 0 ? 'EMFILE' : null)
    open.use(all[8]!)
    expect(openOf(all)).toBe('--ooooooo')
  })

  it('pass the error on when there is no room to make', () => {
    const fs = new SimFs()
    const open = new OpenFiles(fs, 100)
    const [file] = files(1) as [LazyFile]
    fs.fault = () => 'EMFILE'
    expect(() => open.use(file)).toThrow('EMFILE')
    fs.fault = () => null
    open.use(file)
    expect(open.count).toBe(1)
  })
})
