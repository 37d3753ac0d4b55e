import { join } from 'node:path'
import { deadFileFindings, unusedExportFindings } from './tidy/dead-code.ts'
import { forbiddenFindings } from './tidy/forbidden.ts'
import { layerFindings } from './tidy/layers.ts'
import { readTexts, topLevelEntries } from './tidy/read-texts.ts'
import { shapeFindings, topLevelFindings, unlistedHandlerFindings } from './tidy/shape.ts'
import { type Finding, sourceTree } from './tidy/source-tree.ts'

const root = join(__dirname, '../../..')
const texts = readTexts(root)
const tree = sourceTree(texts)

const show = (findings: readonly Finding[]) => findings.map(({ path, line, message }) => `${path}:${line}: ${message}`)

test('packages import only downwards', () => {
  expect(show(layerFindings(tree))).toEqual([])
})

test('time, randomness, disk and network are reached for in their one place only', () => {
  expect(show(forbiddenFindings(tree))).toEqual([])
})

test('no file is dead', () => {
  expect(show(deadFileFindings(tree))).toEqual([])
})

test('no export is unused', () => {
  expect(show(unusedExportFindings(tree))).toEqual([])
})

test('files are short and finished', () => {
  expect(show(shapeFindings(texts))).toEqual([])
})

test('every handler is in the list', () => {
  expect(show(unlistedHandlerFindings(texts))).toEqual([])
})

test('the top level is the agreed one', () => {
  expect(show(topLevelFindings(topLevelEntries(root)))).toEqual([])
})
