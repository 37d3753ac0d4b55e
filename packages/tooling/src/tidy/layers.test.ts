import { layerFindings } from './layers.ts'
import { sourceTree } from './source-tree.ts'

/** A tree of made-up files in packages with the real names. */
function findings(files: Record<string, string>): readonly string[] {
  const manifests = {
    'package.json': '{"devDependencies": {"fast-check": "1"}}',
    'packages/core/package.json': '{"exports": {".": "./src/index.ts"}}',
    'packages/protocol/package.json': '{"exports": {".": "./src/index.ts", "./wire": "./src/wire/index.ts"}}',
    'packages/records/package.json': '{"exports": {".": "./src/index.ts"}, "dependencies": {"snappy": "1"}}',
    'packages/log/package.json': '{"exports": {".": "./src/index.ts"}}',
    'packages/broker/package.json': '{"exports": {".": "./src/index.ts"}}',
    'packages/novel/package.json': '{"exports": {".": "./src/index.ts"}}',
    'integration/package.json': '{}',
  }
  const tree = sourceTree(new Map(Object.entries({ ...manifests, ...files })))
  return layerFindings(tree).map(({ path, message }) => `${path}: ${message}`)
}

test.each([
  ['an edge upwards', { 'packages/log/src/a.ts': "import '@odradek/broker'" }, 'log may not import @odradek/broker'],
  [
    'a type imported upwards',
    { 'packages/log/src/a.ts': "import type { B } from '@odradek/broker'" },
    'log may not import',
  ],
  ['an edge upwards in a test', { 'packages/log/src/a.test.ts': "import '@odradek/broker'" }, 'log may not import'],
  ['an edge upwards passed on', { 'packages/log/src/a.ts': "export * from '@odradek/broker'" }, 'log may not import'],
  ['a dynamic import', { 'packages/log/src/a.ts': "await import('@odradek/broker')" }, 'log may not import'],
  ['an edge sideways', { 'packages/records/src/a.ts': "import '@odradek/protocol'" }, 'records may not import'],
  [
    'an entry that is not exported',
    { 'packages/broker/src/a.ts': "import '@odradek/log/src/b.ts'" },
    'not among the exports',
  ],
  ['a path out of the package', { 'packages/log/src/a.ts': "import '../../core/src/b.ts'" }, 'leaves log'],
  [
    'a fixture in what ships',
    { 'packages/log/src/a.ts': "import './b-fixture.ts'", 'packages/log/src/b-fixture.ts': '' },
    'is for tests alone',
  ],
  ['a file that is not there', { 'packages/log/src/a.ts': "import './b.ts'" }, './b.ts does not exist'],
  ['itself by name', { 'packages/log/src/a.ts': "import '@odradek/log'" }, 'is this package itself'],
  ['a package without a line', { 'packages/novel/src/a.ts': "import '@odradek/core'" }, 'no line in the table'],
  ['an undeclared dependency', { 'packages/log/src/a.ts': "import 'snappy'" }, 'snappy is not declared'],
  ['a tool in what ships', { 'packages/log/src/a.ts': "import 'fast-check'" }, 'fast-check is not declared'],
])('%s is found', (_, files, message) => {
  expect(findings(files)).toEqual([expect.stringContaining(message)])
})

test.each([
  ['an edge downwards', { 'packages/log/src/a.ts': "import '@odradek/records'" }],
  ['an allowed entry', { 'packages/records/src/a.ts': "import '@odradek/protocol/wire'" }],
  ['a file beside it', { 'packages/log/src/a.ts': "import './b/c.ts'", 'packages/log/src/b/c.ts': '' }],
  ['a declared dependency', { 'packages/records/src/a.ts': "import 'snappy'" }],
  ['a tool in a test', { 'packages/log/src/a.test.ts': "import 'fast-check'" }],
  ['a module of Node', { 'packages/log/src/a.ts': "import 'node:path'" }],
  [
    'a fixture in a test',
    { 'packages/log/src/a.test.ts': "import './b-fixture.ts'", 'packages/log/src/b-fixture.ts': '' },
  ],
  ['its own manifest', { 'packages/log/src/a.ts': "import manifest from '../package.json'" }],
])('%s is allowed', (_, files) => {
  expect(findings(files)).toEqual([])
})
