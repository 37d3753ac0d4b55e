import type { FrameworkProgram } from './frameworks.ts'
import type { ClientProgram } from './programs.ts'
import { CAPABILITIES, type Step } from './steps.ts'

/** What came of one program. */
export interface Outcome {
  readonly isRight: boolean
  /** Steps whose result was not the expected one. */
  readonly failed: readonly string[]
  readonly isComparedWithKafka: boolean
}

export const PASSED = 'yes'
export const FAILED = '**no**'
export const NOT_APPLICABLE = '–'

/** A row for each client, a column for each capability. A client that has not been run has no row. */
export function clientTable(programs: readonly ClientProgram[], outcomes: ReadonlyMap<string, Outcome>): string {
  const columns = ['client', 'version', ...Object.keys(CAPABILITIES), 'as on Kafka']
  const rows = programs.flatMap((program) => {
    const outcome = outcomes.get(program.name)
    return outcome === undefined ? [] : [[program.client, program.version, ...cells(program, outcome)]]
  })
  return [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function cells(program: ClientProgram, { isRight, failed, isComparedWithKafka }: Outcome): readonly string[] {
  const cell = (steps: readonly Step[]): string => {
    if (steps.some((step) => failed.includes(step))) return FAILED
    return steps.every((step) => program.cannot.has(step)) ? NOT_APPLICABLE : PASSED
  }
  const asKafka = isComparedWithKafka ? (isRight ? PASSED : FAILED) : NOT_APPLICABLE
  return [...Object.values(CAPABILITIES).map(cell), asKafka]
}

/** A row for each of what works on top of a client. */
export function frameworkTable(programs: readonly FrameworkProgram[], outcomes: ReadonlyMap<string, Outcome>): string {
  const rows = programs.flatMap(({ name, client, version, does }) => {
    const outcome = outcomes.get(name)
    if (outcome === undefined) return []
    const asKafka = outcome.isComparedWithKafka ? (outcome.isRight ? PASSED : FAILED) : NOT_APPLICABLE
    return [`| ${client} | ${version} | ${does} | ${outcome.failed.length === 0 ? PASSED : FAILED} | ${asKafka} |`]
  })
  return ['| software | version | does | passed | as on Kafka |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}

/** What each client has not, and why. */
export function inapplicableTable(programs: readonly ClientProgram[]): string {
  const rowsOf = (name: string, reasons: ReadonlyMap<string, string>, where: string) =>
    [...new Set(reasons.values())].map((reason) => {
      const steps = [...reasons].filter(([, why]) => why === reason).map(([step]) => step)
      return `| ${name} | ${steps.join(', ')}${where} | ${reason} |`
    })
  const rows = programs.flatMap(({ name, cannot, onlyHere }) => [
    ...rowsOf(name, cannot, ''),
    ...rowsOf(name, onlyHere, ', on Kafka'),
  ])
  return ['| client | not applicable | because |', '| --- | --- | --- |', ...rows].join('\n')
}

/** `text` with `content` between the two marks of the section `name`. */
export function replaceSection(text: string, name: string, content: string): string {
  const [begin, end] = marks(name)
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)]
  if (start < 0 || stop < start) throw new Error(`the text has no section ${name}`)
  return `${text.slice(0, start + begin.length)}\n\n${content}\n\n${text.slice(stop)}`
}

/** What stands between the two marks. */
export function sectionOf(text: string, name: string): string {
  const [begin, end] = marks(name)
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)]
  if (start < 0 || stop < start) throw new Error(`the text has no section ${name}`)
  return text.slice(start + begin.length, stop).trim()
}

const marks = (name: string): readonly [string, string] => [
  `<!-- ${name}: written by npm run clients -- --report -->`,
  `<!-- end of ${name} -->`,
]
