import { SEED } from '../durability/seed.ts'
import { type RunOutcome, transactionsUnderFaults } from './transactions-under-faults.ts'

const RUNS = 4
const SECONDS = 10

// Side by side: most of a run is waiting for what was disturbed.
test(`transactions while all that takes part in them dies, ${RUNS} times (SEED=${SEED})`, async () => {
  const seeds = Array.from({ length: RUNS }, (_, index) => SEED + index)
  const outcomes = await Promise.all(
    seeds.map((seed) => transactionsUnderFaults({ seed, seconds: SECONDS, against: 'odradek' })),
  )
  const sum = (count: (outcome: RunOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + count(outcome), 0)
  expect(outcomes.flatMap(({ faults }) => faults)).toEqual([])
  // Otherwise they were no runs.
  expect(sum(({ committed }) => committed)).toBeGreaterThan(0)
  expect(sum(({ aborted }) => aborted)).toBeGreaterThan(0)
  expect(sum(({ recordsRead }) => recordsRead)).toBeGreaterThan(0)
}, 120_000)
