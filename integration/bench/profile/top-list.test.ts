import { SourcePlaces } from './source-places.ts'
import { topByBytes, topByTime } from './top-list.ts'

const places = new SourcePlaces(
  [
    'banner',
    '// packages/core/src/a.ts',
    'function a() {}',
    '// no module',
    '  // node_modules/b/b.js',
    'function b() {}',
  ].join('\n'),
)
const at = (functionName: string, lineNumber: number, url = '/x/dist/broker.0a1b.cjs') => ({
  functionName,
  lineNumber,
  url,
})

test('a line belongs to the module that stands last before it', () => {
  expect([0, 1, 2, 3, 4, 5].map((line) => places.fileOf(line))).toEqual([
    null,
    ...['packages/core/src/a.ts', 'packages/core/src/a.ts', 'packages/core/src/a.ts'],
    ...['node_modules/b/b.js', 'node_modules/b/b.js'],
  ])
})

test('time goes to functions by their own share, without idle time', () => {
  const nodes = [
    { id: 1, callFrame: at('(idle)', -1, '') },
    { id: 2, callFrame: at('a', 2) },
    { id: 3, callFrame: at('', 5) },
    { id: 4, callFrame: at('writev', 0, 'node:net') },
  ]
  const profile = { nodes, samples: [1, 2, 3, 2, 4], timeDeltas: [1000, 30, 50, 30, 10] }
  expect(topByTime(profile, places, 2)).toEqual([
    { what: 'a packages/core/src/a.ts', amount: 60, share: 0.5 },
    { what: '(anonymous) node_modules/b/b.js', amount: 50, share: 50 / 120 },
  ])
})

test('bytes of one function add up over its callers', () => {
  const leaf = (selfSize: number) => ({ callFrame: at('a', 2), selfSize, children: [] })
  const head = {
    callFrame: at('(root)', -1, ''),
    selfSize: 0,
    children: [{ ...leaf(10), children: [leaf(30)] }, leaf(60)],
  }
  expect(topByBytes({ head }, places, 5)).toEqual([{ what: 'a packages/core/src/a.ts', amount: 100, share: 1 }])
})
