import { type Finding, isGenerated, type Texts } from './source-tree.ts'

/** Past this a file holds more than one idea. */
export const FILE_LINES_MAX = 600

const TOP_LEVEL: ReadonlySet<string> = new Set([
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'packages',
  'protocol-specs',
  'integration',
  'docker-compose.yml',
  'Dockerfile',
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'LICENSE',
  'docs',
])

const SOURCE = /\.(ts|cjs|mjs)$/
/** In two parts, so that this file does not find itself. */
const UNFINISHED = new RegExp(
  `\\b(${['TO', 'FIX', 'HA', 'XX'].map((start, at) => start + ['DO', 'ME', 'CK', 'X'][at]).join('|')})\\b`,
)

export function shapeFindings(texts: Texts): readonly Finding[] {
  const findings: Finding[] = []
  for (const [path, text] of texts) {
    if (!SOURCE.test(path) || isGenerated(path)) continue
    const lines = text.split('\n')
    const count = text.endsWith('\n') ? lines.length - 1 : lines.length
    if (count > FILE_LINES_MAX)
      findings.push({ path, line: count, message: `more than ${FILE_LINES_MAX} lines: split it` })
    for (const [index, line] of lines.entries()) {
      const word = UNFINISHED.exec(line)?.[0]
      if (word !== undefined) findings.push({ path, line: index + 1, message: `${word}: finish it, or write an issue` })
    }
  }
  return findings
}

/** The top level stays the short list that people find their way by. Dotfiles are free. */
export function topLevelFindings(entries: readonly string[]): readonly Finding[] {
  return entries
    .filter((name) => !name.startsWith('.') && !TOP_LEVEL.has(name))
    .map((path) => ({ path, line: 1, message: 'not part of the agreed top level' }))
}

const HANDLER = /^packages\/broker\/src\/handlers\/(\d\d-[\w-]+)\.ts$/
const HANDLER_LIST = 'packages/broker/src/handlers/index.ts'

/** A handler that is not in the list is not served, and nobody would notice. */
export function unlistedHandlerFindings(texts: Texts): readonly Finding[] {
  const list = texts.get(HANDLER_LIST) ?? ''
  return [...texts.keys()].flatMap((path) => {
    const name = HANDLER.exec(path)?.[1]
    if (name === undefined || list.includes(`'./${name}.ts'`)) return []
    return [{ path, line: 1, message: `not listed in ${HANDLER_LIST}` }]
  })
}
