import type { TopicView } from '../cluster-view.ts'
import { directoryChooser } from './directory-choice.ts'

const topicsIn = (...ids: (string | undefined)[]) => ({
  topics: () => [{ partitions: ids.map((directoryId) => ({ directoryId })) } as unknown as TopicView],
})

const chooser = (
  online: readonly string[],
  cluster = topicsIn(),
  wished: (name: string) => string | null = () => null,
) => directoryChooser({ online: () => online, open: () => online, wished }, cluster) ?? (() => 'nowhere')

test('the directory with the fewest partitions, the first of several', () => {
  const choose = chooser(['A', 'B', 'C'], topicsIn('A', 'A', 'B', 'gone', undefined))
  expect(Array.from({ length: 7 }, (_, index) => choose('t', index)).join('')).toBe('CBCABCA')
})

test('what was wished for goes before, and counts', () => {
  const choose = chooser(['A', 'B'], topicsIn(), (name) => (name === 'w' ? 'B' : null))
  expect([choose('w', 0), choose('w', 1), choose('t', 0), choose('t', 1), choose('t', 2)].join('')).toBe('BBAAA')
})

test('without a directory that works none is chosen', () => {
  expect(chooser([])('t', 0)).toBe('AAAAAAAAAAAAAAAAAAAAAA')
})

test('one that takes no new partitions is not chosen, and where none takes any there is no choice', () => {
  const directories = { online: () => ['A', 'B'], open: () => ['B'], wished: () => null }
  const choose = directoryChooser(directories, topicsIn('B', 'B'))
  expect([choose?.('t', 0), choose?.('t', 1)]).toEqual(['B', 'B'])
  expect(directoryChooser({ ...directories, open: () => [] }, topicsIn())).toBeNull()
})
