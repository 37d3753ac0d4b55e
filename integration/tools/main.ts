import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { unexplained } from './differences.ts'
import { normalized } from './normalize.ts'
import type { Scenario, Step } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import { BUNDLE, kafkaTarget, odradekTarget, type Target } from './target.ts'
import { THREE_NODES } from './three-nodes.ts'
import { ToolDriver, type ToolName, type ToolResult } from './tool-driver.ts'

const ALL = [...SCENARIOS, ...THREE_NODES]
const EXPECTED = join(process.cwd(), 'integration/tools/expected')
/** Calls of one tool, until the broker knows of what was changed before. */
const TRIES_MAX = 50
const BETWEEN_TRIES_MS = 200

/** One call and what came of it. */
interface Told {
  readonly call: string
  readonly lines: readonly string[]
}

/** What stands for what, in the words of a call and in files. */
type Names = Map<string, string>

function filledIn(text: string, names: Names): string {
  return Array.from(names).reduce((filled, [name, value]) => filled.replaceAll(name, value), text)
}

/** A delegation token as tools print it. */
const TOKEN = /([\w-]{22})\s+([A-Za-z0-9+/]{86}==)/

function note(output: string, names: Names): void {
  const [, token, hmac] = TOKEN.exec(output) ?? []
  if (token === undefined || hmac === undefined) return
  names.set('TOKEN', token)
  names.set('HMAC', hmac)
}

async function play(scenario: Scenario, driver: ToolDriver, against: 'kafka' | 'odradek'): Promise<readonly Told[]> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-tools-'))
  const target = against === 'kafka' ? await kafkaTarget(scenario, directory) : await odradekTarget(scenario)
  const [bootstrap = ''] = target.addresses
  const told: Told[] = []
  const names: Names = new Map([
    ['BROKER', bootstrap],
    ['USERS', target.users ?? bootstrap],
    ['DIR', directory],
  ])
  try {
    for (const step of scenario.steps) {
      const one = await take(step, driver, target, names)
      if (one !== null) told.push(one)
    }
    return told
  } finally {
    await target.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The last result, in which `pattern` is found unless it never was. */
async function runUntil(
  driver: ToolDriver,
  tool: ToolName,
  words: readonly string[],
  pattern: RegExp | undefined,
): Promise<ToolResult> {
  for (let left = TRIES_MAX; ; left--) {
    const result = await driver.run(tool, words)
    if (left === 0 || pattern === undefined || pattern.test(result.output)) return result
    await pause(BETWEEN_TRIES_MS)
  }
}

/** Null for what only prepares. */
async function take(step: Step, driver: ToolDriver, target: Target, names: Names): Promise<Told | null> {
  const directory = names.get('DIR') ?? ''
  if ('file' in step) {
    writeFileSync(join(directory, step.file), filledIn(step.text, names))
    return null
  }
  if ('stopsNode' in step) {
    await target.stopNode(step.stopsNode)
    return null
  }
  if ('odradek' in step) {
    const environment = { ...process.env, ODRADEK_BOOTSTRAP: names.get('BROKER') }
    const words = [BUNDLE, ...step.odradek.split(' ')]
    const { status, stderr } = spawnSync(process.execPath, words, {
      input: step.input,
      env: environment,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`odradek ${step.odradek} ended with ${status}: ${stderr}`)
    return null
  }
  const words = step.words.split(' ').map((word) => filledIn(word, names))
  const { code, output } = await runUntil(driver, step.tool, words, step.until)
  note(output, names)
  const addresses = target.users === null ? target.addresses : [...target.addresses, target.users]
  const particulars = { addresses, directory, logDirectories: target.logDirectories }
  return { call: `${step.tool} ${step.words}`, lines: [...normalized(output, particulars), `exit ${code}`] }
}

const fileOf = ({ name }: Scenario): string => join(EXPECTED, `${name}.txt`)

const asText = (told: readonly Told[]): string =>
  told.map(({ call, lines }) => `$ ${call}\n${lines.join('\n')}\n`).join('\n')

function fromText(text: string): readonly Told[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [call = '', ...lines] = part.trimEnd().split('\n')
      return { call, lines }
    })
}

/** Prints each call whose output differs in what nobody has explained; resolves with their number. */
function compare(scenario: Scenario, expected: readonly Told[], got: readonly Told[]): number {
  let failed = 0
  for (const [index, { call, lines }] of got.entries()) {
    const right = expected[index]
    const ours = unexplained(scenario.name, call, 'odradek', lines)
    const theirs = right?.call === call ? unexplained(scenario.name, call, 'kafka', right.lines) : null
    if (theirs !== null && ours.join('\n') === theirs.join('\n')) continue
    failed += 1
    console.log(`FAIL ${scenario.name}: ${call}`)
    if (theirs === null) console.log('  not recorded: run npm run tools -- --record')
    for (const line of theirs ?? []) if (!ours.includes(line)) console.log(`  Kafka:   ${line}`)
    for (const line of ours) if (!(theirs ?? []).includes(line)) console.log(`  odradek: ${line}`)
  }
  return failed
}

/** `npm run tools [-- --record] [NAME…]`: Kafka's own tools against this broker, compared with what they print of a real Kafka. */
async function main(): Promise<void> {
  const names = process.argv.slice(2).filter((word) => word !== '--record')
  const isRecording = process.argv.includes('--record')
  const unknown = names.find((name) => !ALL.some((each) => each.name === name))
  if (unknown !== undefined)
    throw new Error(`there is no ${unknown}; there are: ${ALL.map(({ name }) => name).join(', ')}`)
  const driver = ToolDriver.start()
  const totals = { passed: 0, failed: 0 }
  try {
    for (const scenario of ALL.filter(({ name }) => names.length === 0 || names.includes(name))) {
      const startMs = performance.now()
      const told = await play(scenario, driver, isRecording ? 'kafka' : 'odradek')
      if (isRecording) {
        mkdirSync(EXPECTED, { recursive: true })
        writeFileSync(fileOf(scenario), asText(told))
      }
      const failed = isRecording ? 0 : compare(scenario, fromText(readFileSync(fileOf(scenario), 'utf8')), told)
      totals.failed += failed
      totals.passed += told.length - failed
      console.log(
        `${failed === 0 ? 'ok  ' : 'FAIL'} ${scenario.name} ${((performance.now() - startMs) / 1000).toFixed(1)} s`,
      )
    }
  } finally {
    driver.stop()
  }
  console.log(`${totals.passed} passed, ${totals.failed} failed`)
  process.exitCode = totals.failed === 0 ? 0 : 1
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
