import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'
import { KafkaProcess } from '../kafka-reference/kafka-process.ts'
import { unexplained } from './differences.ts'
import { normalized } from './normalize.ts'
import type { Scenario, Step } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import { ToolDriver } from './tool-driver.ts'

const EXPECTED = join(process.cwd(), 'integration/tools/expected')
const BUNDLE = join(process.cwd(), 'dist/odradek.cjs')
/** What the real one is started with too, as far as tools can see it. */
const SETTINGS = { KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '5', KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1' }

/** One call and what came of it. */
interface Told {
  readonly call: string
  readonly lines: readonly string[]
}

interface Target {
  readonly bootstrap: string
  readonly logDirectory: string
  stop(): Promise<unknown>
}

async function odradekTarget(): Promise<Target> {
  const broker = await BrokerProcess.start({ environment: SETTINGS })
  const { dataDirectory: logDirectory, bootstrap } = broker
  return { bootstrap: bootstrap[0] ?? '', logDirectory, stop: () => broker.dispose() }
}

async function kafkaTarget(directory: string): Promise<Target> {
  const kafka = new KafkaProcess('kafka-4.4', join(directory, 'kafka'))
  await kafka.start()
  return { bootstrap: kafka.bootstrap, logDirectory: kafka.dataDirectory, stop: () => kafka.stop() }
}

async function play(scenario: Scenario, driver: ToolDriver, against: 'kafka' | 'odradek'): Promise<readonly Told[]> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-tools-'))
  const target = against === 'kafka' ? await kafkaTarget(directory) : await odradekTarget()
  const told: Told[] = []
  try {
    for (const step of scenario.steps) {
      const one = await take(step, driver, target, directory)
      if (one !== null) told.push(one)
    }
    return told
  } finally {
    await target.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Null for what only prepares. */
async function take(step: Step, driver: ToolDriver, target: Target, directory: string): Promise<Told | null> {
  if ('file' in step) {
    writeFileSync(join(directory, step.file), step.text)
    return null
  }
  if ('odradek' in step) {
    const environment = { ...process.env, ODRADEK_BOOTSTRAP: target.bootstrap }
    const words = [BUNDLE, ...step.odradek.split(' ')]
    const { status, stderr } = spawnSync(process.execPath, words, {
      input: step.input,
      env: environment,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`odradek ${step.odradek} ended with ${status}: ${stderr}`)
    return null
  }
  const words = step.words.split(' ').map((word) => word.replace('BROKER', target.bootstrap).replace('DIR', directory))
  const { code, output } = await driver.run(step.tool, words)
  const particulars = { addresses: [target.bootstrap], directory, logDirectory: target.logDirectory }
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
  const unknown = names.find((name) => !SCENARIOS.some((each) => each.name === name))
  if (unknown !== undefined)
    throw new Error(`there is no ${unknown}; there are: ${SCENARIOS.map(({ name }) => name).join(', ')}`)
  const driver = ToolDriver.start()
  const totals = { passed: 0, failed: 0 }
  try {
    for (const scenario of SCENARIOS.filter(({ name }) => names.length === 0 || names.includes(name))) {
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
