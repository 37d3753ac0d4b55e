import { type FaultKind, faultsOf } from './checker.ts'
import { emptyHistory, type History, type OffsetEvent, type Outcome, type ReadRecord } from './history.ts'

/** Two partitions; a record's value names its partition: `a1` is in t-a, `b1` in t-b. */
const partitionOf = (value: string): string => `t-${value[0]}`

const split = (values: string): string[] => values.split(' ').filter((value) => value !== '')

interface Transaction {
  readonly sent: string
  readonly outcome: Outcome
  readonly producer?: string
  /** What its group `g` is set to on t-a. */
  readonly offset?: number
  readonly acknowledged?: Readonly<Record<string, number>>
}

const committed = (sent: string, more: Partial<Transaction> = {}): Transaction => ({
  sent,
  outcome: 'committed',
  ...more,
})
const aborted = (sent: string, more: Partial<Transaction> = {}): Transaction => ({ sent, outcome: 'aborted', ...more })
const unknown = (sent: string, more: Partial<Transaction> = {}): Transaction => ({ sent, outcome: 'unknown', ...more })

/** What a log holds, by offset; `.` is a marker, `(a1)` a record that read_committed does not show. */
const everything = (log: string): ReadRecord[] =>
  split(log).flatMap((word, offset) => (word === '.' ? [] : [{ offset, value: word.replaceAll(/[()]/g, '') }]))
const shown = (log: string): ReadRecord[] =>
  split(log).flatMap((word, offset) => (word === '.' || word.startsWith('(') ? [] : [{ offset, value: word }]))

interface Case {
  readonly transactions: readonly Transaction[]
  readonly a?: string
  readonly b?: string
  /** What a consumer of t-a was given, as `offset:value`, and where it stands. */
  readonly given?: string
  readonly position?: number
  readonly stableUpTo?: number
  readonly events?: readonly (readonly [kind: OffsetEvent['kind'], offset: number])[]
  readonly finalOffset?: number | null
}

function historyOf(example: Case): History {
  const history = emptyHistory()
  for (const { sent, outcome, producer = 'p', offset, acknowledged = {} } of example.transactions)
    history.transactions.push({
      producer,
      outcome,
      records: split(sent).map((value) => ({
        partition: partitionOf(value),
        value,
        offset: acknowledged[value] ?? null,
      })),
      offsets: offset === undefined ? [] : [{ group: 'g', partition: 't-a', offset }],
    })
  for (const [partition, log] of [
    ['t-a', example.a ?? ''],
    ['t-b', example.b ?? ''],
  ] as const) {
    const highWatermark = split(log).length
    const lastStableOffset = partition === 't-a' ? (example.stableUpTo ?? highWatermark) : highWatermark
    history.final.set(partition, {
      committed: shown(log),
      uncommitted: everything(log),
      lastStableOffset,
      highWatermark,
      openTransactions: [],
    })
  }
  if (example.given !== undefined) {
    const records = split(example.given).map((word) => {
      const [offset = '', value = ''] = word.split(':')
      return { offset: Number(offset), value }
    })
    const position = example.position ?? (records.at(-1)?.offset ?? -1) + 1
    history.readings.push({ consumer: 'c', partition: 't-a', records, position })
  }
  for (const [kind, offset] of example.events ?? [])
    history.offsetEvents.push({ kind, group: 'g', partition: 't-a', offset })
  if (example.finalOffset !== undefined)
    history.finalOffsets.push({ group: 'g', partition: 't-a', offset: example.finalOffset })
  return history
}

const kinds = (example: Case): FaultKind[] => [...new Set(faultsOf(historyOf(example)).map(({ kind }) => kind))]

describe('nothing is wrong with', () => {
  test.each<[string, Case]>([
    ['nothing at all', { transactions: [] }],
    ['a committed transaction that is there', { transactions: [committed('a1 a2 b1')], a: 'a1 a2 .', b: 'b1 .' }],
    ['an aborted one that is not shown', { transactions: [aborted('a1 b1')], a: '(a1) .', b: '(b1) .' }],
    ['an aborted one that never arrived', { transactions: [aborted('a1 b1')] }],
    ['an unknown one that is there', { transactions: [unknown('a1 b1')], a: 'a1 .', b: 'b1 .' }],
    ['an unknown one that is not there', { transactions: [unknown('a1 b1')], a: '(a1) .', b: '.' }],
    [
      'answers that name the right offsets, of aborted ones too',
      {
        transactions: [aborted('a1', { acknowledged: { a1: 0 } }), committed('a2', { acknowledged: { a2: 2 } })],
        a: '(a1) . a2 .',
      },
    ],
    [
      'two producers in any order',
      { transactions: [committed('a1 a2', { producer: 'p' }), committed('a3', { producer: 'q' })], a: 'a3 a1 . a2 .' },
    ],
    [
      'a consumer that is behind',
      { transactions: [committed('a1'), committed('a2')], a: 'a1 . a2 .', given: '0:a1', position: 2 },
    ],
    [
      'a consumer that has seen all',
      { transactions: [committed('a1'), aborted('a2')], a: 'a1 . (a2) .', given: '0:a1', position: 4 },
    ],
    [
      'offsets that follow the transactions',
      {
        transactions: [committed('a1', { offset: 5 }), aborted('a2', { offset: 6 }), unknown('a3', { offset: 7 })],
        a: 'a1 . (a2) . a3 .',
        events: [
          ['found', -1],
          ['committed', 5],
          ['found', 5],
          ['found', 7],
        ],
        finalOffset: 7,
      },
    ],
  ])('%s', (_, example) => {
    expect(kinds(example)).toEqual([])
  })
})

describe('found is', () => {
  test.each<[string, FaultKind, Case]>([
    ['a committed transaction that is gone', 'lost', { transactions: [committed('a1 b1')] }],
    ['a committed transaction that is hidden', 'lost', { transactions: [committed('a1')], a: '(a1) .' }],
    ['a committed one without one of its records', 'fractured', { transactions: [committed('a1 b1')], a: 'a1 .' }],
    [
      'an unknown one shown in one partition and hidden in the other',
      'fractured',
      { transactions: [unknown('a1 b1')], a: 'a1 .', b: '(b1) .' },
    ],
    ['a record that is there twice', 'duplicated', { transactions: [committed('a1')], a: 'a1 . a1 .' }],
    ['a hidden record that is there twice', 'duplicated', { transactions: [aborted('a1')], a: '(a1) . (a1) .' }],
    ['an aborted record at the end', 'aborted-read', { transactions: [aborted('a1')], a: 'a1 .' }],
    [
      'an aborted record that a consumer was given',
      'aborted-read',
      { transactions: [aborted('a1')], a: '(a1) .', given: '0:a1' },
    ],
    ['a record that nobody has sent', 'never-sent', { transactions: [], a: 'a1' }],
    [
      'a record in a partition that it was not sent to',
      'never-sent',
      { transactions: [committed('b1')], a: 'b1 .', b: 'b1 .' },
    ],
    [
      "a producer's records in another order",
      'reordered',
      { transactions: [committed('a1'), committed('a2')], a: 'a2 . a1 .' },
    ],
    [
      'a consumer that is sent back',
      'reordered',
      { transactions: [committed('a1 a2')], a: 'a1 a2 .', given: '0:a1 1:a2 0:a1', position: 2 },
    ],
    [
      'a consumer that passes over what is committed later',
      'skipped',
      { transactions: [committed('a1'), committed('a2')], a: 'a1 a2 . .', given: '1:a2', position: 3 },
    ],
    [
      'an answered record at another offset',
      'moved',
      { transactions: [committed('a1', { acknowledged: { a1: 4 } })], a: 'a1 .' },
    ],
    [
      'an answered record of an aborted transaction that is gone',
      'moved',
      { transactions: [aborted('a1', { acknowledged: { a1: 0 } })], a: '. .' },
    ],
    [
      'what a consumer was given of an unknown transaction and is gone',
      'read-then-gone',
      { transactions: [unknown('a1')], a: '(a1) .', given: '0:a1' },
    ],
    [
      'what a consumer was given and is another',
      'read-then-changed',
      { transactions: [unknown('a1'), committed('a2')], a: 'a2 .', given: '0:a1' },
    ],
    ['a transaction that nobody ends', 'hanging', { transactions: [aborted('a1')], a: '(a1)', stableUpTo: 0 }],
    ['an offset that stays pending', 'hanging', { transactions: [committed('a1')], a: 'a1 .', finalOffset: null }],
    [
      'a final offset without its transaction',
      'offset-of-aborted',
      { transactions: [aborted('a1', { offset: 5 })], a: '(a1) .', finalOffset: 5 },
    ],
    [
      'a transaction without its final offset',
      'offset-lost',
      { transactions: [unknown('a1', { offset: 5 })], a: 'a1 .', finalOffset: -1 },
    ],
    [
      'an offset of an aborted transaction, seen on the way',
      'offset-of-aborted',
      {
        transactions: [aborted('a1', { offset: 5 }), committed('a2', { offset: 6 })],
        a: '(a1) . a2 .',
        events: [['found', 5]],
        finalOffset: 6,
      },
    ],
    [
      'an offset from before a commit that was answered',
      'offset-lost',
      {
        transactions: [committed('a1', { offset: 5 })],
        a: 'a1 .',
        events: [
          ['committed', 5],
          ['found', -1],
        ],
        finalOffset: 5,
      },
    ],
    [
      'an offset that goes back',
      'offset-moved-back',
      {
        transactions: [committed('a1', { offset: 5 }), committed('a2', { offset: 6 })],
        a: 'a1 . a2 .',
        events: [
          ['found', 6],
          ['found', 5],
        ],
        finalOffset: 6,
      },
    ],
  ])('%s', (_, kind, example) => {
    expect(kinds(example)).toEqual([kind])
  })
})
