import { FILE_LINES_MAX, shapeFindings, topLevelFindings, unlistedHandlerFindings } from './shape.ts'

const shape = (path: string, text: string) =>
  shapeFindings(new Map([[path, text]])).map(({ line, message }) => `${line}: ${message}`)

test('a file may have as many lines as the limit, and not one more', () => {
  expect(shape('packages/core/src/a.ts', 'x\n'.repeat(FILE_LINES_MAX))).toEqual([])
  expect(shape('packages/core/src/a.ts', 'x\n'.repeat(FILE_LINES_MAX + 1))).toEqual([
    '601: more than 600 lines: split it',
  ])
  expect(shape('packages/core/src/a.ts', `${'x\n'.repeat(FILE_LINES_MAX)}x`)).toHaveLength(1)
  expect(shape('packages/tooling/a.cjs', 'x\n'.repeat(FILE_LINES_MAX + 1))).toHaveLength(1)
  expect(shape('packages/protocol/src/generated/a.ts', 'x\n'.repeat(FILE_LINES_MAX + 1))).toEqual([])
})

test.each(['TO', 'FIX', 'HA', 'XX'].map((start, at) => start + ['DO', 'ME', 'CK', 'X'][at]))('%s is found', (word) => {
  expect(shape('packages/core/src/a.ts', `// a\n// ${word}: later`)).toEqual([
    `2: ${word}: finish it, or write an issue`,
  ])
  expect(shape('packages/core/src/a.ts', `const ${word}S = 1`)).toEqual([])
})

test('only the agreed entries and dotfiles stand at the top', () => {
  expect(
    topLevelFindings(['package.json', 'packages', '.ci', '.biome.json', 'notes.txt', 'src']).map(({ path }) => path),
  ).toEqual(['notes.txt', 'src'])
})

test('a handler that is missing from the list is found', () => {
  const texts = new Map([
    ['packages/broker/src/handlers/index.ts', "import { heartbeat } from './12-heartbeat.ts'"],
    ['packages/broker/src/handlers/12-heartbeat.ts', ''],
    ['packages/broker/src/handlers/12-heartbeat.test.ts', ''],
    ['packages/broker/src/handlers/13-leave-group.ts', ''],
    ['packages/broker/src/handlers/helper.ts', ''],
  ])
  expect(unlistedHandlerFindings(texts).map(({ path }) => path)).toEqual([
    'packages/broker/src/handlers/13-leave-group.ts',
  ])
})
