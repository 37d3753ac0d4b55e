import { SEED } from '../durability/seed.ts'
import { againstOf } from './broker-under-test.ts'
import { transactionsUnderFaults } from './transactions-under-faults.ts'

const USAGE =
  'usage: npm run transactions [-- RUNS [SECONDS]]; SEED=… begins with that seed, AGAINST=kafka takes a real Kafka'
const RUNS = 50
const SECONDS = 60
const SHOWN_MAX = 10

function countOf(text: string | undefined, otherwise: number): number {
  const count = text === undefined ? otherwise : Number(text)
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`${text} is no number of times; ${USAGE}`)
  return count
}

/** One seed after the other; the last line counts the runs without and with faults. */
async function main(): Promise<boolean> {
  const [runsText, secondsText] = process.argv.slice(2)
  const runs = countOf(runsText, RUNS)
  const seconds = countOf(secondsText, SECONDS)
  const against = againstOf()
  let passed = 0
  for (let seed = SEED; seed < SEED + runs; seed++) {
    try {
      const { faults, ...figures } = await transactionsUnderFaults({ seed, seconds, against })
      for (const fault of faults.slice(0, SHOWN_MAX)) console.error(`SEED=${seed}`, fault)
      console.log(`SEED=${seed} against ${against}: ${faults.length} faults; ${JSON.stringify(figures)}`)
      if (faults.length === 0 && figures.committed > 0) passed += 1
    } catch (error) {
      console.error(`SEED=${seed}`, error)
    }
  }
  console.log(`${passed} passed, ${runs - passed} failed`)
  return passed === runs
}

main().then(
  (passed) => {
    process.exitCode = passed ? 0 : 1
  },
  (error: unknown) => {
    console.error(error)
    process.exitCode = 1
  },
)
