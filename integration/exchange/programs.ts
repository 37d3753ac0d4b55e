import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type KafkaRelease, LOGGING_FLAGS, libraries } from '../kafka-reference/libraries.ts'

const HERE = join(process.cwd(), 'integration/exchange')
const CLASSES = join(HERE, 'target')
const PROGRAM_MS_MAX = 180_000

interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

function runProgram(command: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk) => output.push(chunk))
  child.stderr.on('data', (chunk) => errors.push(chunk))
  return new Promise((done, failed) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), PROGRAM_MS_MAX)
    child.once('error', failed)
    child.once('close', (code) => {
      clearTimeout(timer)
      done({ code, output: Buffer.concat(output).toString(), errors: Buffer.concat(errors).toString() })
    })
  })
}

/** Runs a program and returns its lines. @throws Error with what it said when it fails. */
async function lines(command: string, args: readonly string[]): Promise<string[]> {
  const { code, output, errors } = await runProgram(command, args)
  if (code !== 0)
    throw new Error(`${args.slice(-3).join(' ')} ended with ${code}: ${errors.slice(-3000)}${output.slice(-2000)}`)
  return output.split('\n').filter((line) => line !== '')
}

const JAVA_FLAGS = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...LOGGING_FLAGS]

/** By name: what runs side by side compiles once. */
const compilations = new Map<string, Promise<string>>()

function compiled(name: 'Exchange' | 'Legacy', release: KafkaRelease): Promise<string> {
  const compilation = compilations.get(name) ?? compile(name, release)
  compilations.set(name, compilation)
  return compilation
}

async function compile(name: 'Exchange' | 'Legacy', release: KafkaRelease): Promise<string> {
  const source = join(HERE, `${name}.java`)
  const target = join(CLASSES, `${name}.class`)
  if (!existsSync(target) || statSync(target).mtimeMs < statSync(source).mtimeMs) {
    mkdirSync(CLASSES, { recursive: true })
    await lines('javac', ['-nowarn', '-cp', libraries(release), '-d', CLASSES, source])
  }
  return `${CLASSES}:${libraries(release)}`
}

/** Exchange.java: `fill` (topics with so many copies), `sample`, `add` or `dump` of a cluster, with Kafka's newest client. */
export async function exchange(
  what: 'fill' | 'sample' | 'add' | 'dump',
  bootstrap: string,
  copies = 1,
): Promise<string[]> {
  const args = ['Exchange', what, bootstrap, String(copies)]
  return lines('java', [...JAVA_FLAGS, '-cp', await compiled('Exchange', 'kafka-4.4'), ...args])
}

/** Legacy.java: puts messages of formats 0 and 1 into a partition's directory. */
export async function writeLegacySegment(partitionDirectory: string): Promise<void> {
  await lines('java', [...JAVA_FLAGS, '-cp', await compiled('Legacy', 'kafka-3.9'), 'Legacy', partitionDirectory])
}

/** A class of Kafka's own tools. */
export function kafkaTool(name: string, args: readonly string[]): Promise<Ended> {
  return runProgram('java', [...JAVA_FLAGS, '-cp', libraries('kafka-tools'), name, ...args])
}

/** `odradek storage …` as a user gives it. */
export function storage(...args: readonly string[]): Promise<string[]> {
  return lines(process.execPath, [join(process.cwd(), 'dist/odradek.cjs'), 'storage', ...args])
}
