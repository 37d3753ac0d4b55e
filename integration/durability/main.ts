import { SeededPrng } from '@odradek/core'
import { ageingCycles } from './ageing-cycles.ts'
import { type CyclesOutcome, cyclesUnderLoad } from './cycles-under-load.ts'
import { imageFault } from './mount.ts'
import { powerCut } from './power-cut.ts'
import { SEED } from './seed.ts'

const USAGE = 'usage: npm run kills|stops|power-cuts|ageing [-- COUNT]; SEED=… runs one again'
/** Of one directory, so that what it holds stays small and a failure can be run again by its own seed. */
const CYCLES_A_RUN = 10
const POWER_CUTS = 20
const CYCLES = 100

type Totals = Omit<CyclesOutcome, 'faults'> & { faults: number }

const NONE: Totals = {
  acknowledgedBatches: 0,
  acknowledgedRecords: 0,
  unansweredBatches: 0,
  servedUnanswered: 0,
  retriedBatches: 0,
  recordsRead: 0,
  commits: 0,
  faults: 0,
}

function add(totals: Totals, outcome: CyclesOutcome): Totals {
  return {
    acknowledgedBatches: totals.acknowledgedBatches + outcome.acknowledgedBatches,
    acknowledgedRecords: totals.acknowledgedRecords + outcome.acknowledgedRecords,
    unansweredBatches: totals.unansweredBatches + outcome.unansweredBatches,
    servedUnanswered: totals.servedUnanswered + outcome.servedUnanswered,
    retriedBatches: totals.retriedBatches + outcome.retriedBatches,
    recordsRead: totals.recordsRead + outcome.recordsRead,
    commits: totals.commits + outcome.commits,
    faults: totals.faults + outcome.faults.length,
  }
}

/** Runs one seed after the other; says what went wrong under which. */
async function sum(what: string, seeds: number, one: (seed: number) => Promise<CyclesOutcome>): Promise<Totals> {
  let totals = NONE
  for (let seed = SEED; seed < SEED + seeds; seed++) {
    const outcome = await one(seed)
    for (const fault of outcome.faults.slice(0, 10)) console.error(`SEED=${seed}`, fault)
    totals = add(totals, outcome)
    console.log(`${what}, SEED=${seed}: ${outcome.acknowledgedBatches} acknowledged, ${outcome.faults.length} faults`)
  }
  return totals
}

async function cycles(how: 'kill' | 'stop', count: number): Promise<boolean> {
  const one = (seed: number) => cyclesUnderLoad({ seed, cycles: Math.min(count, CYCLES_A_RUN), how })
  const totals = await sum(`${CYCLES_A_RUN} times ${how}`, Math.ceil(count / CYCLES_A_RUN), one)
  console.log(totals)
  return totals.faults === 0 && totals.unansweredBatches + totals.retriedBatches > 0
}

async function powerCuts(count: number): Promise<boolean> {
  const fault = imageFault()
  if (fault !== null) {
    console.log(`skipped: ${fault}`)
    return true
  }
  const control = await sum('a power cut of --flush os', 1, (seed) => powerCut(seed, 'os'))
  if (control.faults === 0) {
    console.error('a power cut took nothing of what was not flushed: whatever comes now proves nothing')
    return false
  }
  const totals = await sum('a power cut', count, (seed) => powerCut(seed, 'device'))
  console.log(totals)
  return totals.faults === 0
}

async function ageing(count: number): Promise<boolean> {
  const { faults, ...figures } = await ageingCycles(new SeededPrng(SEED), count)
  for (const fault of faults.slice(0, 10)) console.error(`SEED=${SEED}`, fault)
  console.log({ ...figures, faults: faults.length })
  return faults.length === 0 && figures.compactedAway > 0 && figures.deletedUpTo > 0
}

async function main(): Promise<boolean> {
  const [what, countText] = process.argv.slice(2)
  const count = Number(countText ?? (what === 'power-cuts' ? POWER_CUTS : CYCLES))
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`${countText} is no number of times; ${USAGE}`)
  if (what === 'kills') return cycles('kill', count)
  if (what === 'stops') return cycles('stop', count)
  if (what === 'power-cuts') return powerCuts(count)
  if (what === 'ageing') return ageing(count)
  throw new Error(USAGE)
}

main().then(
  (passed) => {
    console.log(passed ? 'passed' : 'failed')
    process.exitCode = passed ? 0 : 1
  },
  (error: unknown) => {
    console.error(error)
    process.exitCode = 1
  },
)
