import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ManualClock, nodeId, SeededPrng, silentLogger } from '@odradek/core'
import { DiskFs, defaultMaintenanceSettings } from '@odradek/log'
import { openDiskLogDirectories } from './open-log-directories.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'odradek-directories-'))
})

afterEach(() => rmSync(root, { recursive: true }))

/** What the directories of the store are, and where the metadata is, with names below `root`. */
async function open(names: readonly string[], metadata = names[0] ?? ''): Promise<readonly string[]> {
  const below = (name: string) => `${root}/${name}`
  const { store, roots, release } = await openDiskLogDirectories({
    ...{ fs: new DiskFs(), clock: new ManualClock(), prng: new SeededPrng(1), logger: silentLogger },
    directories: { partitions: names.map(below), metadata: below(metadata) },
    ...{ maintenance: defaultMaintenanceSettings, nodeId: nodeId(1), softwareVersion: '1' },
    ...{ flushEnded: () => {}, absolutePath: (path) => resolve(path) },
  })
  await store.close()
  release()
  return roots.map((path) => path.slice(root.length + 1))
}

test('what log.dirs says twice counts once', async () => {
  expect(await open(['a', 'b/', 'a'], 'b')).toEqual(['b', 'a'])
})

/** Kafka 4.4 ends with "Duplicate directory ID found". */
test.each([
  ['with a slash at its end', ['a', 'b', 'a/'], 'a/ are the same directory'],
  ['with a dot in its path', ['a', 'b', './a'], './a are the same directory'],
  ['by way of another', ['a', 'b', 'b/../a'], 'b/../a are the same directory'],
  ['by a link', ['a', 'b', 'link'], 'link are the same directory'],
  ['below a link', ['real/new', 'b', 'alias/new'], 'alias/new are the same directory'],
])('a directory that is named twice, once %s, is refused, and nothing is written', async (_, names, message) => {
  for (const name of ['a', 'b', 'real']) mkdirSync(join(root, name))
  symlinkSync(join(root, 'a'), join(root, 'link'))
  symlinkSync('real', join(root, 'alias'))
  await expect(open(names)).rejects.toThrow(message)
  await expect(open(names)).rejects.toThrow('name each directory once')
  expect(['a', 'b', 'real'].flatMap((name) => readdirSync(join(root, name)))).toEqual([])
})

test('what leads elsewhere is another directory, though it looks alike', async () => {
  mkdirSync(join(root, 'elsewhere/deep'), { recursive: true })
  symlinkSync('elsewhere/deep', join(root, 'link'))
  // Beside what the link leads to, not beside the link.
  expect(await open(['a', 'link/../a'])).toEqual(['a', 'link/../a'])
  expect(readdirSync(join(root, 'elsewhere/a'))).toContain('meta.properties')
})

test('the metadata may be in one of the directories by another name', async () => {
  mkdirSync(join(root, 'b'))
  symlinkSync('b', join(root, 'link'))
  expect(await open(['a', 'b'], 'link')).toEqual(['b', 'a'])
})
