import { type ChildProcess, spawn } from 'node:child_process'
import { LOGGING_FLAGS } from '../kafka-reference/libraries.ts'

const OUTPUT_CHARACTERS_MAX = 2_000_000
/** What an error repeats of it. */
const SHOWN_CHARACTERS_MAX = 4000
const JAVA_FLAGS = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...LOGGING_FLAGS]

/** A Java program of other people, with a bound on its time. */
export class ToolProcess {
  output = ''
  private readonly child: ChildProcess
  private readonly ended: Promise<number | null>

  constructor(classPath: string, programAndArguments: readonly string[], msMax: number) {
    const command = ['-cp', classPath, ...JAVA_FLAGS, ...programAndArguments]
    this.child = spawn('java', command, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => {
        this.output = (this.output + chunk).slice(-OUTPUT_CHARACTERS_MAX)
      })
    const timer = setTimeout(() => {
      this.output += `\nended after ${msMax} ms`
      this.child.kill('SIGKILL')
    }, msMax)
    this.ended = new Promise((done) => {
      this.child.once('close', (code) => {
        clearTimeout(timer)
        done(code)
      })
    })
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.child.kill(signal)
  }

  /** With its exit code; null when a signal ended it. */
  end(): Promise<number | null> {
    return this.ended
  }
}

/** @throws Error with all that it said when it fails, or runs longer than `msMax`. */
export async function outputOf(
  classPath: string,
  programAndArguments: readonly string[],
  msMax = 60_000,
): Promise<string> {
  const tool = new ToolProcess(classPath, programAndArguments, msMax)
  const code = await tool.end()
  if (code !== 0) throw new Error(`${programAndArguments.join(' ')} ended with ${code}; it said: ${endOf(tool.output)}`)
  return tool.output
}

/** @throws Error naming what is not in `output`. */
export function mustContain(output: string, expected: readonly (string | RegExp)[]): void {
  for (const part of expected)
    if (typeof part === 'string' ? !output.includes(part) : !part.test(output))
      throw new Error(`no ${part} in what it said: ${endOf(output)}`)
}

export const endOf = (output: string): string => output.slice(-SHOWN_CHARACTERS_MAX)
