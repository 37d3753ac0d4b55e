import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passwordOf, startTarget, type Target } from './targets.ts'
import { SecurityWorld } from './world.ts'

const HERE = join(process.cwd(), 'integration/security-clients')
/** The first run of a client may fetch its libraries and compile. */
const CLIENT_MS_MAX = 300_000
const KAFKA_FLAG = '--kafka'

interface Run {
  readonly lines: readonly string[]
  readonly errors: string
  readonly code: number | null
}

function linesIn(file: string): Map<string, readonly string[]> {
  const parsed: unknown = JSON.parse(readFileSync(join(HERE, file), 'utf8'))
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${file} is no object`)
  return new Map(Object.entries(parsed).map(([name, lines]) => [name, Array.isArray(lines) ? lines.map(String) : []]))
}

/** `WHAT: OUTCOME`, as the clients print them; what a real Kafka has otherwise is in a file of its own. */
function expectedLines(isKafka: boolean): Map<string, readonly string[]> {
  const expected = linesIn('expected.json')
  const otherwise = isKafka ? linesIn('otherwise-with-kafka.json') : new Map<string, readonly string[]>()
  for (const [name, lines] of expected) {
    const others = otherwise.get(name) ?? []
    const whatOf = (line: string): string => line.slice(0, line.indexOf(': '))
    expected.set(
      name,
      lines.map((line) => others.find((other) => whatOf(other) === whatOf(line)) ?? line),
    )
  }
  return expected
}

/** Not synchronously: tokens are written anew meanwhile. */
function run(name: string, settingsFile: string): Promise<Run> {
  const child = spawn(join(HERE, name, 'run'), [settingsFile], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
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

/** What a client is told: one `key=value` a line, which each language can read. */
function settingsFor(world: SecurityWorld, { ports }: Target): string {
  const addresses = Object.entries(ports).map(([name, port]) => `${name}=127.0.0.1:${port}\n`)
  const path = join(world.directory, 'client.properties')
  const passwords = ['alice', 'bob'].map((user) => `password.${user}=${passwordOf(user)}\n`)
  writeFileSync(path, `directory=${world.directory}\n${addresses.join('')}${passwords.join('')}`, { mode: 0o600 })
  return path
}

/** Prints what is not as expected; true when all is. */
async function check(name: string, expected: readonly string[], settingsFile: string): Promise<boolean> {
  const startMs = performance.now()
  const { lines, errors, code } = await run(name, settingsFile)
  const isRight = code === 0 && lines.join('\n') === expected.join('\n')
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${name}, ${lines.length} lines, ${seconds} s`)
  if (isRight) return true
  for (const line of expected) if (!lines.includes(line)) console.log(`  expected: ${line}`)
  for (const line of lines) if (!expected.includes(line)) console.log(`  got:      ${line}`)
  console.log(`  exit ${code}\n${errors.slice(-2000)}`)
  return false
}

async function main(words: readonly string[]): Promise<void> {
  const isKafka = words.includes(KAFKA_FLAG)
  const named = words.filter((word) => word !== KAFKA_FLAG)
  const expected = expectedLines(isKafka)
  const names = named.length > 0 ? named : [...expected.keys()]
  const unknown = names.find((name) => !expected.has(name))
  if (unknown !== undefined)
    throw new Error(`there is no client "${unknown}"; there are ${[...expected.keys()].join(', ')}`)
  const directory = mkdtempSync(join(tmpdir(), 'odradek-security-'))
  const world = new SecurityWorld(directory)
  let passed = 0
  let complaints: readonly string[] = []
  try {
    const target = await startTarget(world, isKafka)
    try {
      const settingsFile = settingsFor(world, target)
      for (const name of names) if (await check(name, expected.get(name) ?? [], settingsFile)) passed += 1
      complaints = target.complaints()
    } finally {
      await target.stop()
    }
  } finally {
    world.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
  // Nothing that they do is a bug of the broker's.
  for (const line of complaints) console.log(`  the broker says: ${line}`)
  console.log(`${passed} passed, ${names.length - passed} failed`)
  process.exitCode = passed === names.length && complaints.length === 0 ? 0 : 1
}

/** `npm run security-clients [-- --kafka] [NAME…]`: each way to log in, with the clients of expected.json, here or at a real Kafka. */
main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
