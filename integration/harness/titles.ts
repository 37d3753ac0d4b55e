import { readFileSync } from 'node:fs'
import { type Argument, type Expression, parseSync } from '@swc/core'
import { PROGRAMS } from '../clients/programs.ts'
import { GROUPS } from '../differential/scenarios/index.ts'

const CLIENTS = 'integration/clients'
const SCENARIOS = /^integration\/differential\/scenarios\/(.+)\.ts$/
const TESTING: ReadonlySet<string> = new Set(['describe', 'test', 'it'])

/**
 * The titles of all that is proved in a place, word for word: of a file of tests those of `describe`, `test` and `it` as they
 * stand there; of one of scenarios of the coordinators its comments; of one of the differential scenarios `API: NAME`, without the version;
 * of the clients their steps.
 */
export function titlesIn(path: string): ReadonlySet<string> {
  if (path === CLIENTS) return new Set(PROGRAMS.flatMap(({ expected }) => [...expected.keys()]))
  const group = SCENARIOS.exec(path)?.[1]
  if (group !== undefined) return scenarioTitles(group)
  const text = readFileSync(path, 'utf8')
  if (path.endsWith('.txt')) return new Set(text.split('\n').flatMap((line) => /^# (.+)$/.exec(line)?.[1] ?? []))
  if (path.endsWith('.ts')) return testTitles(text)
  throw new Error(`${path} has no titles`)
}

function scenarioTitles(group: string): ReadonlySet<string> {
  const scenarios = GROUPS[group]
  if (scenarios === undefined) throw new Error(`there is no group of scenarios ${group}`)
  return new Set(scenarios.map(({ name }) => name.replace(/^(\w+) \d+:/, '$1:')))
}

function testTitles(text: string): ReadonlySet<string> {
  const titles = new Set<string>()
  walk(parseSync(text, { syntax: 'typescript', target: 'es2022' }), (callee, [first]) => {
    const title = first === undefined ? undefined : literalOf(first.expression)
    if (title !== undefined && isTesting(callee)) titles.add(title)
  })
  return titles
}

function walk(node: unknown, onCall: (callee: unknown, given: readonly Argument[]) => void): void {
  if (typeof node !== 'object' || node === null) return
  if (isCall(node)) onCall(node.callee, node.arguments)
  for (const inner of Object.values(node)) walk(inner, onCall)
}

function isCall(node: object): node is { readonly callee: unknown; readonly arguments: readonly Argument[] } {
  return 'type' in node && node.type === 'CallExpression'
}

/** `test`, `test.each`, and what `test.each(…)` gives. */
function isTesting(callee: unknown): boolean {
  if (typeof callee !== 'object' || callee === null) return false
  if ('value' in callee && typeof callee.value === 'string') return TESTING.has(callee.value)
  if ('callee' in callee) return isTesting(callee.callee)
  return 'object' in callee && isTesting(callee.object)
}

/** The text as it stands, what is put into it as `…`. */
function literalOf(expression: Expression): string | undefined {
  if (expression.type === 'StringLiteral') return expression.value
  if (expression.type !== 'TemplateLiteral') return undefined
  return expression.quasis.map(({ cooked }) => cooked ?? '').join('…')
}
