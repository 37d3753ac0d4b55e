import { BrokerProcess } from '../harness/broker-process.ts'
import { prepareCompactedTopic } from './compacted-topic.ts'
import { FRAMEWORKS } from './frameworks.ts'
import { Kafkas } from './kafkas.ts'
import { prepareTopics } from './prepared-topics.ts'
import { CODECS, codecsOf, PROGRAMS, type Program, STORED_CODECS } from './programs.ts'
import type { Outcome } from './report.ts'
import { writeReport } from './report-file.ts'
import { type ProgramRun, runProgram } from './run-program.ts'
import { storedCodecs } from './stored-codecs.ts'
import { type Fault, faultsOf, resultsOf } from './verdict.ts'

const USAGE = `usage: npm run clients                     those of every change
       npm run clients NAME…                 those named, by folder or with the version
       npm run clients -- --all              all of them, beside a real Kafka, and writes the report of README.md
       --kafka beside a real Kafka; --report writes what came of it into README.md`

const ALL: readonly Program[] = [...PROGRAMS, ...FRAMEWORKS]
const OPTIONS = ['--all', '--kafka', '--report']

async function runOn(program: Program, bootstrap: string, name: string): Promise<ProgramRun> {
  await prepareTopics(bootstrap, name)
  const codecs = codecsOf(program)
  if (codecs !== null) await prepareCompactedTopic(bootstrap, `${name}-compacted`, codecs)
  const run = await runProgram(program.folder, bootstrap, name, program.version)
  if (codecs === null) return run
  const stored = await storedCodecs(bootstrap, name)
  return {
    ...run,
    lines: [...run.lines, `${STORED_CODECS}: ${CODECS.filter((codec) => stored.has(codec)).join(' ')}`],
  }
}

function sayFaults(where: string, run: ProgramRun, faults: readonly Fault[]): void {
  console.log(`  ${where}, exit ${run.exit}`)
  if (run.lines.length === 0) console.log('    it printed nothing')
  else for (const { step, expected, got } of faults) console.log(`    ${step}: expected ${expected}, got ${got}`)
  console.log(run.errors.slice(-3000).replace(/^/gm, '    | '))
}

/** Runs it here and, where asked, on a real Kafka; says what is not as it should be. */
async function check(program: Program, bootstrap: string, kafkas: Kafkas | null): Promise<Outcome> {
  const run = await runOn(program, bootstrap, program.name)
  const faults = faultsOf(program.expected, resultsOf(run.lines))
  let unlikeKafka: readonly Fault[] = []
  if (kafkas !== null) {
    const compared = (lines: readonly string[]) =>
      new Map([...resultsOf(lines)].filter(([step]) => !program.onlyHere.has(step)))
    const there = await runOn(program, await kafkas.bootstrap(program.kafka), program.name)
    unlikeKafka = faultsOf(compared([...there.lines, `exit: ${there.exit}`]), compared([...run.lines, 'exit: 0']))
    if (unlikeKafka.length > 0) sayFaults(`unlike ${program.kafka} (what is expected here)`, there, unlikeKafka)
  }
  const isRight = run.exit === '0' && faults.length === 0 && unlikeKafka.length === 0
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${program.name} ${run.seconds.toFixed(1)} s`)
  if (!isRight) sayFaults('here', run, faults)
  return { isRight, failed: faults.map(({ step }) => step), isComparedWithKafka: kafkas !== null }
}

function chosen(words: readonly string[]): readonly Program[] {
  const names = words.filter((word) => !word.startsWith('--'))
  const strange = words.find((word) => word.startsWith('--') && !OPTIONS.includes(word))
  if (strange !== undefined) throw new Error(`${strange} is no option\n${USAGE}`)
  const isMeant = (program: Program, name: string): boolean => [program.name, program.folder].includes(name)
  const unknown = names.find((name) => !ALL.some((program) => isMeant(program, name)))
  if (unknown !== undefined)
    throw new Error(`there is no client ${unknown}; there are: ${ALL.map(({ name }) => name).join(', ')}`)
  if (names.length > 0) return ALL.filter((program) => names.some((name) => isMeant(program, name)))
  return words.includes('--all') ? ALL : ALL.filter(({ isInCi }) => isInCi)
}

async function main(words: readonly string[]): Promise<void> {
  const programs = chosen(words)
  const kafkas = words.includes('--kafka') || words.includes('--all') ? new Kafkas() : null
  const outcomes = new Map<string, Outcome>()
  const broker = await BrokerProcess.start({ environment: { KAFKA_LOG_CLEANER_BACKOFF_MS: '500' } })
  try {
    for (const program of programs) outcomes.set(program.name, await check(program, broker.bootstrap[0] ?? '', kafkas))
  } finally {
    await kafkas?.stop()
    await broker.dispose()
  }
  if (words.includes('--report') || words.includes('--all')) writeReport(outcomes)
  const passed = [...outcomes.values()].filter(({ isRight }) => isRight).length
  console.log(`${passed} passed, ${programs.length - passed} failed`)
  process.exitCode = passed === programs.length ? 0 : 1
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
