import { compactionFaults, type KeyWrite } from './compacted-checker.ts'

/** Records are named `KEY VERSION`. */
const writes = (...all: readonly (readonly [record: string, offset: number | null])[]): KeyWrite[] =>
  all.map(([record, offset]) => ({ key: record.slice(0, 1), record, offset }))
const log = (...all: readonly (readonly [record: string, offset: number])[]) => ({
  logStartOffset: 0,
  endOffset: 9,
  records: all.map(([record, offset]) => ({ record, offset, batch: '' })),
})

const HISTORY = writes(['a 1', 0], ['b 1', 1], ['a 2', 2], ['a 3', null])

test('the last of each key, acknowledged or a later one without an answer, may stand alone or with older ones', () => {
  expect(compactionFaults(HISTORY, log(['b 1', 1], ['a 2', 2]))).toEqual([])
  expect(compactionFaults(HISTORY, log(['b 1', 1], ['a 3', 3]))).toEqual([])
  expect(compactionFaults(HISTORY, log(['a 1', 0], ['b 1', 1], ['a 2', 2], ['a 3', 3]))).toEqual([])
})

test.each([
  ['a key that is gone', log(['a 2', 2]), 'b is at write -1, acknowledged was 0'],
  ['an old value', log(['a 1', 0], ['b 1', 1]), 'a is at write 0, acknowledged was 1'],
  ['another offset', log(['b 1', 1], ['a 2', 5]), 'a, acknowledged at 2, is at 5'],
  ['a record of nobody', log(['b 1', 1], ['a 2', 2], ['c 1', 3]), 'offset 3 is of nobody'],
  ['offsets that go back', log(['a 2', 2], ['b 1', 1]), 'offset 1 stands after 2'],
])('%s is found', (_, final, fault) => {
  expect(compactionFaults(HISTORY, final)).toContain(fault)
})
