import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FRAMEWORKS } from './frameworks.ts'
import { PROGRAMS } from './programs.ts'
import { clientTable, frameworkTable, inapplicableTable, sectionOf } from './report.ts'
import { CLIENTS_SECTION, INAPPLICABLE_SECTION, readOutcomes, scenarioSentence } from './report-file.ts'

const HERE = join(process.cwd(), 'integration/clients')
const text = (path: string): string => readFileSync(path, 'utf8')

describe('the report of the clients', () => {
  const outcomes = readOutcomes()

  it('has an outcome for each program, and each program is there', () => {
    const all = [...PROGRAMS, ...FRAMEWORKS]
    expect(all.map(({ name }) => name).filter((name) => !outcomes.has(name))).toEqual([])
    expect(all.filter(({ folder }) => !existsSync(join(HERE, folder, 'run')))).toEqual([])
  })

  it('is the table in README.md, with as many cells in each row', () => {
    const [table = '', frameworks = '', sentence = ''] = sectionOf(text('README.md'), CLIENTS_SECTION).split('\n\n')
    expect(table).toBe(clientTable(PROGRAMS, outcomes))
    expect(frameworks).toBe(frameworkTable(FRAMEWORKS, outcomes))
    expect(new Set(table.split('\n').map((row) => row.split('|').length)).size).toBe(1)
    expect(sentence).toBe(scenarioSentence())
  })

  it('says in the README beside the programs what each has not', () => {
    expect(sectionOf(text(join(HERE, 'README.md')), INAPPLICABLE_SECTION)).toBe(inapplicableTable(PROGRAMS))
  })
})
