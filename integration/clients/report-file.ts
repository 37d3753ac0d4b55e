import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXPLANATIONS } from '../differential/explained.ts'
import { NOT_BUILT } from '../differential/not-built.ts'
import { GROUPS } from '../differential/scenarios/index.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { PROGRAMS } from './programs.ts'
import { clientTable, frameworkTable, inapplicableTable, type Outcome, replaceSection } from './report.ts'

const HERE = join(process.cwd(), 'integration/clients')
const OUTCOMES = join(HERE, 'outcomes.json')
export const CLIENTS_SECTION = 'table of clients'
export const INAPPLICABLE_SECTION = 'table of what clients have not'

/** What came of each program when it was last run for the report. */
export function readOutcomes(): ReadonlyMap<string, Outcome> {
  const parsed: unknown = JSON.parse(readFileSync(OUTCOMES, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new Error('outcomes.json is no object')
  return new Map(Object.entries(parsed).map(([name, outcome]) => [name, outcomeOf(name, outcome)]))
}

function outcomeOf(name: string, value: unknown): Outcome {
  if (typeof value !== 'object' || value === null) throw new Error(`outcomes.json: ${name} is no object`)
  const fields = new Map<string, unknown>(Object.entries(value))
  const failed = fields.get('failed')
  if (!Array.isArray(failed)) throw new Error(`outcomes.json: ${name}: failed is no list`)
  return {
    isRight: fields.get('isRight') === true,
    failed: failed.map(String),
    isComparedWithKafka: fields.get('isComparedWithKafka') === true,
  }
}

/** Scenarios of integration/differential that are answered as Kafka answers, without any explained difference. */
function scenarioCounts(): { readonly equal: number; readonly explained: number; readonly notBuilt: number } {
  const scenarios = Object.values(GROUPS).flat()
  const notBuilt = scenarios.filter(({ api }) => NOT_BUILT.has(api)).length
  const explained = scenarios.filter(
    ({ api, name }) => !NOT_BUILT.has(api) && EXPLANATIONS.some((each) => each.scenarios.test(name)),
  ).length
  return { equal: scenarios.length - notBuilt - explained, explained, notBuilt }
}

export function scenarioSentence(): string {
  const { equal, explained, notBuilt } = scenarioCounts()
  return (
    `${equal} of the ${equal + explained + notBuilt} recorded conversations of ` +
    `[\`integration/differential\`](integration/differential/README.md) are answered as Kafka answers them, ` +
    `${explained} with a difference that is explained there, and ${notBuilt} are of APIs that have yet to be built.`
  )
}

/** Keeps what came of the programs that were run beside what came of the others before, and brings the tables up to date. */
export function writeReport(newer: ReadonlyMap<string, Outcome>): void {
  const all = new Map([...readOutcomes(), ...newer])
  const kept = new Map([...PROGRAMS, ...FRAMEWORKS].flatMap(({ name }) => [[name, all.get(name)] as const]))
  writeFileSync(OUTCOMES, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`)
  const outcomes = readOutcomes()
  const write = (path: string, section: string, content: string): void =>
    writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), section, content))
  const tables = [clientTable(PROGRAMS, outcomes), frameworkTable(FRAMEWORKS, outcomes), scenarioSentence()]
  write('README.md', CLIENTS_SECTION, tables.join('\n\n'))
  write(join(HERE, 'README.md'), INAPPLICABLE_SECTION, inapplicableTable(PROGRAMS))
}
