import type { ClientProgram } from './programs.ts'
import {
  clientTable,
  FAILED,
  inapplicableTable,
  NOT_APPLICABLE,
  type Outcome,
  PASSED,
  replaceSection,
  sectionOf,
} from './report.ts'
import { CAPABILITIES, type Step } from './steps.ts'

function program(name: string, ...cannot: readonly Step[]): ClientProgram {
  const reasons = new Map(cannot.map((step) => [step, 'it is old'] as const))
  return {
    name,
    folder: name,
    version: '1.0',
    client: name,
    isInCi: false,
    kafka: 'kafka-4.4',
    cannot: reasons,
    expected: new Map(),
    onlyHere: new Map(),
  }
}

function row(of: ClientProgram, outcome: Partial<Outcome>): ReadonlyMap<string, string> {
  const outcomes = new Map([[of.name, { isRight: true, failed: [], isComparedWithKafka: true, ...outcome }]])
  const [head = '', , cells = ''] = clientTable([of], outcomes).split('\n')
  const split = (line: string) => line.slice(2, -2).split(' | ')
  return new Map(split(head).map((column, at) => [column, split(cells)[at] ?? '']))
}

describe('the table of clients', () => {
  it('has a cell for each capability of a client that does all', () => {
    const cells = row(program('new'), {})
    expect([...cells.keys()]).toEqual(['client', 'version', ...Object.keys(CAPABILITIES), 'as on Kafka'])
    expect([...cells.values()].slice(2)).toEqual([...cells.keys()].slice(2).map(() => PASSED))
  })

  it('says no where one step of several has failed, and then is not as on Kafka', () => {
    const cells = row(program('new'), { isRight: false, failed: ['null value'] })
    expect([cells.get('nulls'), cells.get('headers'), cells.get('as on Kafka')]).toEqual([FAILED, PASSED, FAILED])
  })

  it('says not applicable only where every step is so', () => {
    const cells = row(program('old', 'null key', 'headers'), { isComparedWithKafka: false })
    expect([cells.get('nulls'), cells.get('headers'), cells.get('as on Kafka')]).toEqual([
      PASSED,
      NOT_APPLICABLE,
      NOT_APPLICABLE,
    ])
  })

  it('leaves out who has not been run', () => {
    expect(clientTable([program('new')], new Map()).split('\n')).toHaveLength(2)
  })
})

it('names what is not applicable once for each reason', () => {
  const rows = inapplicableTable([program('old', 'zstd', 'headers'), program('new')])
    .split('\n')
    .slice(2)
  expect(rows).toEqual(['| old | zstd, headers | it is old |'])
})

it('replaces what stands between the marks of a section, and finds it again', () => {
  const marks = '<!-- a: written by npm run clients -- --report -->\n<!-- end of a -->\nrest'
  const text = replaceSection(replaceSection(marks, 'a', 'first'), 'a', 'second')
  expect([sectionOf(text, 'a'), text.endsWith('rest'), text.includes('first')]).toEqual(['second', true, false])
  expect(() => sectionOf(text, 'b')).toThrow('no section b')
})
