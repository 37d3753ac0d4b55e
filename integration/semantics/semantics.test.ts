import { readFileSync } from 'node:fs'
import { ErrorCode } from '@odradek/protocol'
import { NOT_BUILT } from '../differential/not-built.ts'
import { readRecording } from '../differential/recorded.ts'
import { GROUPS } from '../differential/scenarios/index.ts'
import { SECTIONS } from './index.ts'
import { groups, type Proof } from './row.ts'

const plainName = (name: string): string => name.replace(/^(\w+) \d+: /, '$1: ')
/** By name, whatever the version: whether its API is built. */
const scenarios = new Map(
  Object.values(GROUPS)
    .flat()
    .map(({ name, api }) => [plainName(name), !NOT_BUILT.has(api)]),
)
/** All answers to scenarios of one name, whatever the version. */
const answers = new Map<string, string>()
for (const group of Object.keys(GROUPS)) {
  for (const [name, recorded] of Object.entries(readRecording(group))) {
    const plain = plainName(name)
    answers.set(plain, `${answers.get(plain) ?? ''}\n${JSON.stringify(recorded)}`)
  }
}
const texts = new Map<string, string>()

function textOf(file: string): string {
  const text = texts.get(file) ?? readFileSync(file, 'utf8')
  texts.set(file, text)
  return text
}

/** Whether `text` stands there as a whole, as the first value behind an opening parenthesis or bracket. */
function standsIn(file: string, opening: '\\(' | '\\[', text: string): boolean {
  const literal = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`${opening}\\s*(['"\`])${literal}\\1\\s*,`).test(textOf(file))
}

function exists(proof: Proof): boolean {
  if (proof.kind === 'absent') return proof.why.length > 0
  if (proof.kind === 'scenario') return scenarios.get(proof.name) === true
  if (proof.kind === 'not built') return scenarios.get(proof.name) === false
  if (proof.file.endsWith('.txt')) return textOf(proof.file).split('\n').includes(`# ${proof.title}`)
  if (!standsIn(proof.file, '\\(', proof.title)) return false
  return proof.cell === undefined || standsIn(proof.file, '\\[', proof.cell)
}

/** What a proof rests on: the file of a test, or what Kafka has answered to a scenario. */
function evidence(proof: Proof): string {
  if (proof.kind === 'absent') return proof.why
  return proof.kind === 'test' ? textOf(proof.file) : (answers.get(proof.name) ?? '')
}

/** Names of errors that a row is about. */
function errorsOf(what: string): readonly string[] {
  return (what.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []).filter((name) => name in ErrorCode)
}

describe.each(SECTIONS.map((section) => [section.name, section] as const))('%s', (_name, { rows }) => {
  test('no row stands there twice', () => {
    expect(new Set(rows.map(({ what }) => what)).size).toBe(rows.length)
  })

  test.each(rows.map((row) => [row.what, row.proofs] as const))('%s', (_what, proofs) => {
    expect(proofs).not.toEqual([])
    expect(proofs.filter((proof) => !exists(proof))).toEqual([])
  })

  test.each(
    rows
      .filter(({ proofs }) => proofs.some(({ kind }) => kind !== 'absent'))
      .map((row) => [row.what, row.proofs] as const),
  )('the errors of: %s', (what, proofs) => {
    const seen = proofs.map(evidence).join('\n')
    expect(errorsOf(what).filter((name) => !new RegExp(`\\b${name}\\b`).test(seen))).toEqual([])
  })
})

test('what is not there is found missing', () => {
  const file = 'integration/semantics/semantics.test.ts'
  const title = 'what is not there is found missing'
  expect(exists({ kind: 'test', file, title })).toBe(true)
  expect(exists({ kind: 'test', file, title: title.slice(0, -1) })).toBe(false)
  expect(exists({ kind: 'test', file, title, cell: 'no such cell' })).toBe(false)
  expect(exists({ kind: 'scenario', name: 'Metadata: by nam' })).toBe(false)
  expect(exists({ kind: 'not built', name: 'Metadata: by name' })).toBe(false)
  expect(exists({ kind: 'scenario', name: 'ShareFetch: without a session, and without a group' })).toBe(false)
  expect(exists(groups('admin', 'The filters: any letter case; unknown names match nothing.'))).toBe(true)
  expect(exists(groups('admin', 'The filters: any letter case'))).toBe(false)
})
