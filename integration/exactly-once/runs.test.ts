import { SEED } from '../durability/seed.ts'
import { transactionsUnderFaults } from './transactions-under-faults.ts'

const RUNS = 4
const SECONDS = 10

// Side by side: most of a run is waiting for what was disturbed.
test(`transactions while all that takes part in them dies, ${RUNS} times (SEED=${SEED})`, async () => {
  const seeds = Array.from({ length: RUNS }, (_, index) => SEED + index)
  const outcomes = await Promise.all(
    seeds.map((seed) => transactionsUnderFaults({ seed, seconds: SECONDS, against: 'odradek' })),
  )
  for (const { faults, committed, aborted, recordsRead } of outcomes) {
    expect(faults).toEqual([])
    // Otherwise it was no run.
    expect(Math.min(committed, aborted, recordsRead)).toBeGreaterThan(0)
  }
}, 120_000)
