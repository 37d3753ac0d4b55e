import { setImmediate } from 'node:timers/promises'
import { DirectoryFlushes } from './directory-flushes.ts'

interface Begun {
  readonly path: string
  readonly end: () => void
  readonly fail: (error: Error) => void
}

function flushes() {
  const begun: Begun[] = []
  const all = new DirectoryFlushes((path) => new Promise((end, fail) => begun.push({ path, end, fail })))
  const results: string[] = []
  const flush = (who: string, path = 'd') =>
    void all.flush(path).then(
      () => results.push(who),
      (error: Error) => results.push(`${who}: ${error.message}`),
    )
  return { begun, results, flush }
}

test('who comes while a directory is flushed shares the next flush with all who came then', async () => {
  const { begun, results, flush } = flushes()
  flush('a')
  flush('b')
  flush('c')
  expect(begun).toHaveLength(1)
  begun[0]?.end()
  await setImmediate()
  expect(results).toEqual(['a'])
  expect(begun).toHaveLength(2)
  flush('d')
  begun[1]?.end()
  await setImmediate()
  expect(results).toEqual(['a', 'b', 'c'])
  begun[2]?.end()
  await setImmediate()
  expect(results).toEqual(['a', 'b', 'c', 'd'])
  flush('e')
  expect(begun).toHaveLength(4)
})

test('other directories are flushed at the same time', () => {
  const { begun, flush } = flushes()
  flush('a', 'd')
  flush('b', 'e')
  expect(begun.map(({ path }) => path)).toEqual(['d', 'e'])
})

test('who waits while a flush fails is not told that all is well', async () => {
  const { begun, results, flush } = flushes()
  flush('a')
  flush('b')
  begun[0]?.fail(new Error('EIO'))
  await setImmediate()
  expect(results).toEqual(['a: EIO', 'b: EIO'])
  expect(begun).toHaveLength(1)
  flush('c')
  begun[1]?.end()
  await setImmediate()
  expect(results.at(-1)).toBe('c')
})
