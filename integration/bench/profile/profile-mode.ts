import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeWithUs } from '../../harness/end-with-us.ts'
import { Brokers } from '../brokers.ts'
import type { Case } from '../case.ts'
import { CASES } from '../cases.ts'
import { type BenchOptions, FlagError } from '../flags.ts'
import { LOAD_WORKLOADS } from '../load-workload.ts'
import { factsText, machineFacts } from '../machine.ts'
import { checkPrerequisites } from '../prerequisites.ts'
import { warmUp } from '../warm-up.ts'
import { Profiler, profilingEnvironment } from './profiled-broker.ts'
import { SourcePlaces } from './source-places.ts'
import { type CpuProfile, type HeapProfile, type Row, topByBytes, topByTime } from './top-list.ts'

const ROWS = 25
const WARM_UP_MS = 3000
/** Where the profiles stay, for Chrome's or an editor's view of them. */
const PLACE = '.odradek/profiles'

/** Others start brokers of their own. */
const PROFILED = CASES.filter((one) => LOAD_WORKLOADS.some(({ name }) => name === one.name))

/** The one with that name, or the only one with that part in its name. */
function caseOf(wanted: string): Case {
  const found = PROFILED.filter(({ name }) => name.includes(wanted))
  const [only] = found.filter(({ name }) => found.length === 1 || name === wanted)
  if (only !== undefined) return only
  const names = (found.length === 0 ? PROFILED : found).map(({ name }) => name)
  throw new FlagError(
    `${found.length} workloads have "${wanted}" in their names: choose one of\n  ${names.join('\n  ')}`,
  )
}

function bundlePlaces(): SourcePlaces {
  const name = readdirSync('dist').find((file) => /^broker\.\w+\.cjs$/.test(file))
  if (name === undefined) throw new Error('dist has no bundle')
  return new SourcePlaces(readFileSync(join('dist', name), 'latin1'))
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isCpuProfile = (value: unknown): value is CpuProfile =>
  isRecord(value) && Array.isArray(value['nodes']) && Array.isArray(value['samples']) && 'timeDeltas' in value
const isHeapProfile = (value: unknown): value is HeapProfile => isRecord(value) && isRecord(value['head'])

function parsed<Profile>(text: string, is: (value: unknown) => value is Profile): Profile {
  const value: unknown = JSON.parse(text)
  if (is(value)) return value
  throw new Error('the inspector has given something else than a profile')
}

function print(title: string, path: string, rows: readonly Row[], amountOf: (amount: number) => string): void {
  console.log(`\n${title} (${path})`)
  for (const { what, amount, share } of rows)
    console.log(`${(share * 100).toFixed(1).padStart(6)} % ${amountOf(amount).padStart(10)}  ${what}`)
}

/** Keeps the profile; returns where. */
function keep(workload: string, kind: string, text: string): string {
  mkdirSync(PLACE, { recursive: true })
  const path = join(PLACE, `${workload.replaceAll(/\W+/g, '-')}.${kind}`)
  writeFileSync(path, text)
  return path
}

/** `--profile WORKLOAD`: where a warm broker's time and memory go, each over one round. */
export async function profileMode({ workload, json }: BenchOptions): Promise<number> {
  const chosen = caseOf(workload)
  checkPrerequisites({ json, withKafka: false })
  const directory = mkdtempSync(join(tmpdir(), 'odradek-profile-'))
  const remove = removeWithUs(directory)
  Object.assign(process.env, profilingEnvironment(directory))
  const warm = (broker: { readonly port: number; readonly pid: number }) => warmUp(broker, { ms: WARM_UP_MS, cpuMs: 0 })
  const brokers = new Brokers({ odradek: warm, kafka: warm })
  const facts = machineFacts(brokers.directory.path)
  console.log(factsText(facts))
  try {
    const stage = await chosen.open(brokers, 'odradek')
    const round = async (): Promise<void> => void (await stage.round())
    await round()
    const profiler = new Profiler((await brokers.get('odradek')).pid, directory)
    const cpuText = await profiler.cpu(round)
    const heapText = await profiler.heap(round)
    await stage.end()
    const places = bundlePlaces()
    const byTime = topByTime(parsed(cpuText, isCpuProfile), places, ROWS)
    const byBytes = topByBytes(parsed(heapText, isHeapProfile), places, ROWS)
    print('processor time', keep(chosen.name, 'cpuprofile', cpuText), byTime, (us) => `${(us / 1000).toFixed(0)} ms`)
    print('allocated', keep(chosen.name, 'heapprofile', heapText), byBytes, (bytes) => `${(bytes / 1e6).toFixed(2)} MB`)
    if (json !== null)
      writeFileSync(json, `${JSON.stringify({ facts, workload: chosen.name, byTime, byBytes }, null, 2)}\n`)
    return 0
  } finally {
    await brokers.end()
    remove()
  }
}
