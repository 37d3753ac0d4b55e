import { spawn } from 'node:child_process'
import { join } from 'node:path'

const HERE = join(process.cwd(), 'integration/clients')
/** The first run of a client may fetch its libraries and compile them. */
const PROGRAM_MS_MAX = 1_500_000
const ENDING = ['SIGINT', 'SIGTERM'] as const

export interface ProgramRun {
  readonly lines: readonly string[]
  readonly errors: string
  readonly exit: string
  readonly seconds: number
}

/**
 * Runs `FOLDER/run BOOTSTRAP NAME VERSION` in a process group of its own, of which nothing is left afterwards, nor when this process
 * is asked to end. @throws Error when it is
 */
export function runProgram(folder: string, ...words: readonly string[]): Promise<ProgramRun> {
  const startMs = performance.now()
  const child = spawn(join(HERE, folder, 'run'), words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-100_000)
  })
  const endGroup = (): void => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // Nobody was left.
    }
  }
  return new Promise((done, failed) => {
    let endedBy: NodeJS.Signals | null = null
    const interrupt = (signal: NodeJS.Signals): void => {
      endedBy = signal
      endGroup()
    }
    for (const signal of ENDING) process.on(signal, interrupt)
    const timer = setTimeout(endGroup, PROGRAM_MS_MAX)
    child.once('error', (error) => {
      errors += error.message
    })
    child.once('exit', endGroup)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      for (const each of ENDING) process.off(each, interrupt)
      if (endedBy !== null) failed(new Error(`ended by ${endedBy}`))
      const lines = output.split('\n').filter((line) => line !== '')
      done({ lines, errors, exit: String(code ?? signal), seconds: (performance.now() - startMs) / 1000 })
    })
  })
}
