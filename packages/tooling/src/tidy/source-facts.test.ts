import { sourceFacts } from './source-facts.ts'

const importsOf = (text: string) => sourceFacts(text).imports.map(({ specifier, name }) => `${specifier} ${name}`)
const exportsOf = (text: string) => sourceFacts(text).exports.map(({ name }) => name)
const globalsOf = (text: string) => sourceFacts(text).globals.map(({ name }) => name)

test('imports of every form are seen', () => {
  const text = `
    import { a, b as c, type D } from './one.ts'
    import e from './two.ts'
    import * as f from './three.ts'
    import './four.ts'
    import type { G } from './five.ts'
    export const h = await import('./six.ts')
    let i: import('./seven.ts').J.K
    const j = require('./eight.ts')
    const k = createRequire(import.meta.url)('./nine.ts')
    process.getBuiltinModule('fs')
  `
  expect(importsOf(text)).toEqual([
    './one.ts a',
    './one.ts b',
    './one.ts D',
    './two.ts default',
    './three.ts *',
    './four.ts *',
    './five.ts G',
    './six.ts *',
    './seven.ts J',
    './eight.ts *',
    './nine.ts *',
    'fs *',
  ])
})

test('exports of every form are seen, with their source', () => {
  const text = `
    export const a = 1, { b, c: [d], ...e } = f
    export function g() {}
    export class H {}
    export interface I {}
    export type J = string
    export default a
    export { k, l as m } from './n.ts'
    export * as o from './p.ts'
    const q = 1
    export { q, q as r }
    export * from './s.ts'
  `
  const names = ['a', 'b', 'd', 'e', 'g', 'H', 'I', 'J', 'default', 'k', 'm', 'o', 'q', 'r']
  expect(exportsOf(text)).toEqual(names)
  const facts = sourceFacts(text)
  expect(facts.exports.filter(({ from }) => from !== null)).toMatchObject([
    { name: 'k', original: 'k', from: './n.ts' },
    { name: 'm', original: 'l', from: './n.ts' },
    { name: 'o', original: '*', from: './p.ts' },
  ])
  expect(facts.starExports).toEqual([{ specifier: './s.ts', line: 12 }])
})

test('a module that mentions its own export uses it', () => {
  const { exports } = sourceFacts('export interface A {}\nexport const b = (a: A) => a\nexport const c = 1')
  expect(exports.map(({ name, ownUses }) => [name, ownUses])).toEqual([
    ['A', 1],
    ['b', 0],
    ['c', 0],
  ])
})

test('globals are told from names that are declared, and from properties', () => {
  const text = `
    function f(setTimeout: () => void) { setTimeout() }
    class K { Date = 1; m() { return this.Date } }
    const object = { performance: 1, setInterval() {} }
    object.setInterval()
  `
  expect(globalsOf(text)).toEqual([])
})

test('globals are seen alone, as objects, and behind globalThis', () => {
  expect(globalsOf('setTimeout(f)').slice(0, 1)).toEqual(['setTimeout'])
  expect(globalsOf('Date.now()')).toEqual(['Date.now'])
  expect(globalsOf('new Date()')).toEqual(['Date'])
  expect(globalsOf("globalThis['setTimeout']")).toEqual(['globalThis.setTimeout'])
  expect(globalsOf('const { random } = Math')).toEqual(['Math'])
  expect(globalsOf('let x: Date')).toEqual(['Date'])
})

test('lines are counted in lines, whatever characters stand before', () => {
  const facts = sourceFacts("// é ü 漢\n\nimport { a } from './a.ts'\n\nexport const b = Date.now()\n")
  expect(facts.imports[0]?.line).toBe(3)
  expect(facts.exports[0]?.line).toBe(5)
  expect(facts.globals[0]?.line).toBe(5)
})
