import { SeededPrng } from '@odradek/core'
import { ageingCycles } from './ageing-cycles.ts'
import { SEED } from './seed.ts'

const KILLS = 2

test(`kill -9 while segments are compacted and deleted, ${KILLS} times (SEED=${SEED})`, async () => {
  const outcome = await ageingCycles(new SeededPrng(SEED), KILLS)
  expect(outcome.faults).toEqual([])
  // Otherwise nothing has aged.
  expect(outcome.compactedAway).toBeGreaterThan(0)
  expect(outcome.deletedUpTo).toBeGreaterThan(0)
}, 60_000)
