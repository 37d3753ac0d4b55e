import type { PartitionLog } from '@odradek/log'
import { OfflineLog } from '../partitions/offline-log.ts'
import { FIRST_SEQUENCES_MAX, FirstSequences } from './first-sequences.ts'

let sequences: FirstSequences
let log: PartitionLog

beforeEach(() => {
  sequences = new FirstSequences()
  log = new OfflineLog('not used')
})

test('the lowest of the newest epoch comes first, in its own log, until it is there', () => {
  sequences.note(log, 1n, 1, 5)
  sequences.note(log, 1n, 1, 7)
  expect([5, 6].map((sequence) => sequences.isTooEarly(log, 1n, sequence))).toEqual([false, true])
  expect(sequences.isTooEarly(log, 2n, 6)).toBe(false)
  expect(sequences.isTooEarly(new OfflineLog('another'), 1n, 6)).toBe(false)
  sequences.note(log, 1n, 0, 1)
  sequences.note(log, 1n, 1, 3)
  expect([3, 4].map((sequence) => sequences.isTooEarly(log, 1n, sequence))).toEqual([false, true])
  sequences.note(log, 1n, 2, 9)
  expect([9, 10].map((sequence) => sequences.isTooEarly(log, 1n, sequence))).toEqual([false, true])
  sequences.forget(log, 1n)
  expect(sequences.isTooEarly(log, 1n, 10)).toBe(false)
})

test('one too many is paid for by the oldest', () => {
  for (let id = 0; id < FIRST_SEQUENCES_MAX; id++) sequences.note(log, BigInt(id), 0, 0)
  expect(sequences.isTooEarly(log, 0n, 1)).toBe(true)
  sequences.note(log, BigInt(FIRST_SEQUENCES_MAX), 0, 0)
  expect([0n, 1n].map((id) => sequences.isTooEarly(log, id, 1))).toEqual([false, true])
})
