import { type FaultKind, faultsOf } from './checker.ts'
import { type CommitEvent, emptyHistory, type History, type ReadRecord, type SendOutcome } from './history.ts'

const P = 't-0'

/** A record is named by a letter, its batch by the text that holds it: `ab`, `c`. */
const recordsOf = (batches: readonly string[], baseOffset = 0): ReadRecord[] =>
  batches
    .flatMap((batch) => [...batch].map((record) => ({ record, batch })))
    .map((read, index) => ({ ...read, offset: baseOffset + index }))

function history(...sent: readonly (readonly [batch: string, outcome: SendOutcome, producer?: string])[]): History {
  const { readings, commits, final } = emptyHistory()
  return {
    sent: sent.map(([batch, outcome, producer = 'p']) => ({
      producer,
      partition: P,
      records: [...batch],
      batch,
      outcome,
    })),
    readings,
    commits,
    final,
  }
}

const at = (baseOffset: number): SendOutcome => ({ kind: 'acknowledged', baseOffset })
const lost: SendOutcome = { kind: 'lost' }
const refused: SendOutcome = { kind: 'refused', errorCode: 56 }

function ends(events: History, records: readonly ReadRecord[], logStartOffset = 0): History {
  const endOffset = (records.at(-1)?.offset ?? logStartOffset - 1) + 1
  events.final.set(P, { logStartOffset, endOffset, records })
  return events
}

function reads(events: History, records: ReadRecord[]): History {
  events.readings.push({ consumer: 'c', partition: P, records })
  return events
}

const kinds = (events: History): FaultKind[] => [...new Set(faultsOf(events).map(({ kind }) => kind))]

describe('nothing is wrong with', () => {
  test.each<[string, History]>([
    ['nothing at all', emptyHistory()],
    ['what was acknowledged and is there', ends(history(['ab', at(0)], ['c', at(2)]), recordsOf(['ab', 'c']))],
    ['a batch without an answer that is there', ends(history(['ab', lost]), recordsOf(['ab']))],
    ['a batch without an answer that is not there', ends(history(['ab', lost], ['c', at(0)]), recordsOf(['c']))],
    ['a refused batch that is not there', ends(history(['a', refused], ['b', at(0)]), recordsOf(['b']))],
    ['records that retention has taken', ends(history(['ab', at(0)], ['c', at(2)]), recordsOf(['c'], 2), 2)],
    ['two producers in any order', ends(history(['a', at(1)], ['b', at(0), 'q']), recordsOf(['b', 'a']))],
    ['a reader of what is there', reads(ends(history(['ab', at(0)]), recordsOf(['ab'])), recordsOf(['ab']))],
  ])('%s', (_, events) => {
    expect(kinds(events)).toEqual([])
  })
})

describe('found is', () => {
  test.each<[string, FaultKind[], History]>([
    [
      'an acknowledged end that is gone',
      ['lost', 'half-batch'],
      ends(history(['ab', at(0)]), recordsOf(['ab']).slice(0, 1)),
    ],
    ['a topic that is gone', ['lost'], history(['ab', at(0)])],
    ['a hole', ['hole', 'lost'], ends(history(['a', at(0)], ['b', at(1)]), recordsOf(['b'], 1))],
    [
      'records missing before the high watermark',
      ['hole'],
      (() => {
        const events = ends(history(['a', at(0)]), recordsOf(['a']))
        events.final.set(P, { logStartOffset: 0, endOffset: 3, records: recordsOf(['a']) })
        return events
      })(),
    ],
    ['a record of nobody', ['never-sent', 'changed'], ends(history(['a', at(0)]), recordsOf(['x']))],
    [
      'other bytes around the same records',
      ['changed'],
      ends(history(['a', at(0)]), [{ offset: 0, record: 'a', batch: 'other' }]),
    ],
    ['another offset', ['changed', 'reordered'], ends(history(['a', at(0)], ['b', at(1)]), recordsOf(['b', 'a']))],
    ['a retry that was written twice', ['duplicated'], ends(history(['a', at(0)]), recordsOf(['a', 'a']))],
    ['an unanswered batch written twice', ['duplicated'], ends(history(['a', lost]), recordsOf(['a', 'a']))],
    ['half a batch', ['half-batch'], ends(history(['ab', lost]), recordsOf(['a']))],
    ['a refused batch', ['refused-but-there'], ends(history(['a', refused]), recordsOf(['a']))],
    ['sending order turned round', ['reordered'], ends(history(['a', lost], ['b', lost]), recordsOf(['b', 'a']))],
    [
      'offsets that go back',
      ['reordered'],
      ends(history(['a', lost], ['b', lost]), [
        { offset: 1, record: 'b', batch: 'b' },
        { offset: 0, record: 'a', batch: 'a' },
      ]),
    ],
    [
      'a record that was read and is gone',
      ['read-then-gone'],
      reads(ends(history(['a', at(0)], ['b', lost]), recordsOf(['a'])), recordsOf(['a', 'b'])),
    ],
    [
      'a record that was read and is another',
      ['read-then-changed'],
      reads(ends(history(['a', lost], ['b', at(0)]), recordsOf(['b'])), recordsOf(['a'])),
    ],
    [
      'a reader that is led back',
      ['reordered'],
      reads(ends(history(['ab', at(0)]), recordsOf(['ab'])), recordsOf(['ab']).reverse()),
    ],
  ])('%s', (_, expected, events) => {
    const found = kinds(events)
    for (const kind of expected) expect(found).toContain(kind)
    for (const kind of found) expect([...expected, 'hole']).toContain(kind)
  })
})

describe('committed offsets', () => {
  const commit = (kind: CommitEvent['kind'], offset: number): CommitEvent => ({
    group: 'g',
    partition: P,
    kind,
    offset,
  })
  const found = (...commits: CommitEvent[]): FaultKind[] => kinds({ ...emptyHistory(), commits })

  test('may be the last answered one, or a later one without an answer', () => {
    expect(found(commit('found', -1), commit('asked', 5), commit('committed', 5), commit('found', 5))).toEqual([])
    expect(found(commit('committed', 5), commit('asked', 7), commit('found', 7), commit('found', 7))).toEqual([])
  })

  test('never move back', () => {
    expect(found(commit('committed', 5), commit('committed', 7), commit('found', 5))).toEqual(['commit-moved-back'])
    expect(found(commit('committed', 5), commit('found', -1))).toEqual(['commit-moved-back'])
    expect(found(commit('asked', 7), commit('found', 7), commit('asked', 5), commit('found', 5))).toEqual([
      'commit-moved-back',
    ])
  })

  test('are never of nobody', () => {
    expect(found(commit('committed', 5), commit('found', 6))).toEqual(['commit-never-asked'])
  })
})
