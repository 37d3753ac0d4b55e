import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BrokerProcess } from '../harness/broker-process.ts'

const HERE = join(process.cwd(), 'integration/clients')
/** The first run of a client may fetch its libraries and compile. */
const CLIENT_MS_MAX = 300_000

interface Run {
  readonly lines: string[]
  readonly errors: string
  readonly code: number | null
}

function expectedLines(): Map<string, readonly string[]> {
  const parsed: unknown = JSON.parse(readFileSync(join(HERE, 'expected.json'), 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new Error('expected.json is no object')
  return new Map(Object.entries(parsed).map(([name, lines]) => [name, Array.isArray(lines) ? lines.map(String) : []]))
}

function run(name: string, bootstrap: string): Promise<Run> {
  const child: ChildProcess = spawn(join(HERE, name, 'run'), [bootstrap, `topic-${name}`, `group-${name}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout?.on('data', (chunk) => {
    output += chunk
  })
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  return new Promise((done) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), CLIENT_MS_MAX)
    child.once('error', (error) => {
      errors += error.message
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      done({ lines: output.split('\n').filter((line) => line !== ''), errors, code })
    })
  })
}

/** Prints what each client did beside what it should have; true when they are the same. */
async function check(name: string, expected: readonly string[], bootstrap: string): Promise<boolean> {
  const startMs = performance.now()
  const { lines, errors, code } = await run(name, bootstrap)
  const isRight = code === 0 && lines.join('\n') === expected.join('\n')
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${name} ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
  if (!isRight)
    console.log(
      `  expected: ${expected.join(', ')}\n  got:      ${lines.join(', ')}\n  exit ${code}\n${errors.slice(-2000)}`,
    )
  return isRight
}

/** `npm run clients [NAME…]`: all clients of expected.json, or those named, each on topics of its own. */
async function main(): Promise<void> {
  const expected = expectedLines()
  const names = process.argv.length > 2 ? process.argv.slice(2) : [...expected.keys()]
  const broker = await BrokerProcess.start()
  let passed = 0
  try {
    for (const name of names) {
      const lines = expected.get(name)
      if (lines === undefined) throw new Error(`no client "${name}"; there are ${[...expected.keys()].join(', ')}`)
      if (await check(name, lines, broker.bootstrap[0] ?? '')) passed += 1
    }
  } finally {
    await broker.dispose()
  }
  console.log(`${passed} passed, ${names.length - passed} failed`)
  process.exitCode = passed === names.length ? 0 : 1
}

void main()
