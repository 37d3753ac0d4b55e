import { deadFileFindings, unusedExportFindings } from './dead-code.ts'
import { type SourceTree, sourceTree } from './source-tree.ts'

function tree(files: Record<string, string>): SourceTree {
  const manifests = {
    'packages/core/package.json': '{"exports": {".": "./src/index.ts"}}',
    'packages/log/package.json': '{"exports": {".": "./src/index.ts"}}',
    'packages/testing/package.json': '{"exports": {".": "./src/index.ts"}}',
  }
  return sourceTree(new Map(Object.entries({ ...manifests, ...files })))
}

const dead = (files: Record<string, string>) => deadFileFindings(tree(files)).map(({ path }) => path)
const unused = (files: Record<string, string>) =>
  unusedExportFindings(tree(files)).map(({ path, line, message }) => `${path}:${line} ${message}`)

test('a file that no entry, program or test leads to is dead', () => {
  const files = {
    'packages/core/src/index.ts': "export * from './used.ts'",
    'packages/core/src/used.ts': "import './below.ts'",
    'packages/core/src/below.ts': '',
    'packages/core/src/dead.ts': "import './dead-too.ts'",
    'packages/core/src/dead-too.ts': '',
    'packages/cli/src/main.ts': "import './flags.ts'",
    'packages/cli/src/flags.ts': '',
    'integration/kafkajs/script.ts': '',
    'packages/tooling/scripts/docs.ts': "import '../src/docs/table.ts'",
    'packages/tooling/src/docs/table.ts': '',
  }
  expect(dead(files)).toEqual(['packages/core/src/dead.ts', 'packages/core/src/dead-too.ts'])
})

test('a file that only its own test knows is dead; one that another test uses is not', () => {
  const files = {
    'packages/core/src/a.ts': '',
    'packages/core/src/a.test.ts': "import './a.ts'",
    'packages/core/src/a.fuzz.ts': "import './a.ts'",
    'packages/core/src/samples.ts': '',
    'packages/core/src/b.test.ts': "import './samples.ts'",
  }
  expect(dead(files)).toEqual(['packages/core/src/a.ts'])
})

test('an export that nobody imports is found, with what to do about it', () => {
  const files = {
    'packages/core/src/a.ts':
      'export const b = 1\nexport const c = 2\nexport const d = () => c\nexport interface E {}\n',
    'packages/core/src/f.ts': "import { d } from './a.ts'\nd()",
  }
  expect(unused(files)).toEqual([
    'packages/core/src/a.ts:1 nobody imports b: remove it',
    'packages/core/src/a.ts:2 nobody imports c: drop the `export`',
    'packages/core/src/a.ts:4 nobody imports E: remove it',
  ])
})

test('a type that an export of its own file names may be exported with it', () => {
  const files = {
    'packages/core/src/a.ts':
      'export interface Options {}\nexport type Result = 1\nexport const f = (o: Options): Result => 1',
    'packages/core/src/b.ts': "import { f } from './a.ts'",
  }
  expect(unused(files)).toEqual([])
})

test('imports are followed through entries, renamed and star exports', () => {
  const files = {
    'packages/core/src/index.ts': "export * from './a.ts'\nexport { c as d } from './b.ts'\nexport { e } from './b.ts'",
    'packages/core/src/a.ts': 'export const a = 1\nexport const unusedA = 2',
    'packages/core/src/b.ts': 'export const c = 1\nexport const e = 1',
    'packages/log/src/x.ts': "import { a, d } from '@odradek/core'",
  }
  expect(unused(files)).toEqual([
    'packages/core/src/index.ts:3 nobody imports e: remove it',
    'packages/core/src/a.ts:2 nobody imports unusedA: remove it',
    'packages/core/src/b.ts:2 nobody imports e: remove it',
  ])
})

test('a name of an entry that only its own package imports from the file is not part of the entry', () => {
  const files = {
    'packages/core/src/index.ts': "export { a } from './a.ts'",
    'packages/core/src/a.ts': 'export const a = 1',
    'packages/core/src/b.ts': "import { a } from './a.ts'",
  }
  expect(unused(files)).toEqual(['packages/core/src/index.ts:1 nobody imports a: remove it'])
})

test('its own test may import what the file itself uses, and any other test what it likes', () => {
  const files = {
    'packages/core/src/a.ts': 'export const LIMIT = 3\nexport const dead = 1\nexport const f = () => LIMIT',
    'packages/core/src/a.test.ts': "import { LIMIT, dead, f } from './a.ts'",
    'packages/core/src/b.test.ts': "import { f } from './a.ts'",
  }
  expect(unused(files)).toEqual(['packages/core/src/a.ts:2 nobody imports dead: remove it'])
})

test('everything counts as used behind a namespace, a dynamic import, and the public entry', () => {
  const files = {
    'packages/core/src/a.ts': 'export const a = 1',
    'packages/core/src/b.ts': 'export const b = 1',
    'packages/core/src/c.ts': "import * as a from './a.ts'\nawait import('./b.ts')",
    'packages/testing/src/index.ts': "export { start } from './start.ts'",
    'packages/testing/src/start.ts': 'export const start = 1',
  }
  expect(unused(files)).toEqual([])
})

test('modules that export each other whole do not trap the search', () => {
  const files = {
    'packages/core/src/a.ts': "export * from './b.ts'\nexport const a = 1",
    'packages/core/src/b.ts': "export * from './a.ts'\nexport const b = 1",
    'packages/core/src/c.ts': "import { a, b } from './a.ts'",
  }
  expect(unused(files)).toEqual([])
})
