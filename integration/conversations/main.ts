import { MEANT, type Meant, unexplainedIn } from './compare.ts'
import { writeConversation } from './recorded.ts'
import { RUNS } from './runs/index.ts'
import { withKafka, withOdradek } from './targets.ts'

const USAGE = `usage: npm run conversations -- [record] [${Object.keys(RUNS).join('|')}…]`
const SHOWN_MAX = 40

/** Has each client talk to Kafka and to this broker, and compares. @returns how many conversations differ */
async function main(words: readonly string[]): Promise<number> {
  const isRecording = words[0] === 'record'
  const names = isRecording ? words.slice(1) : words
  const unknown = names.find((name) => RUNS[name] === undefined)
  if (unknown !== undefined) throw new Error(`there is no run ${unknown}. ${USAGE}`)
  let failed = 0
  const used = new Set<Meant>()
  const runs = Object.entries(RUNS).filter(([name]) => names.length === 0 || names.includes(name))
  for (const [name, { talk, isKept }] of runs) {
    const expected = await withKafka(talk)
    if (isRecording && isKept) writeConversation(name, expected)
    const found = unexplainedIn(expected, await withOdradek(talk), used)
    console.log(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${name}: ${expected.length} turns`)
    for (const { turn, path, expected: wanted, got } of found.slice(0, SHOWN_MAX))
      console.log(`     ${turn} ${path}: Kafka ${JSON.stringify(wanted)}, here ${JSON.stringify(got)}`)
    if (found.length > 0) failed += 1
  }
  // Only all of them together can tell.
  const idle = names.length === 0 ? MEANT.filter((meant) => !used.has(meant)) : []
  for (const { api, reason } of idle)
    console.log(`FAIL ${api} has a difference in the list that is none any more: ${reason}`)
  failed += idle.length
  console.log(`${runs.length + idle.length - failed} passed, ${failed} failed`)
  return failed
}

main(process.argv.slice(2)).then(
  (failed) => {
    process.exitCode = failed === 0 ? 0 : 1
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  },
)
