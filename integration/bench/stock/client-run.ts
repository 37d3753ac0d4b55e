import { spawn } from 'node:child_process'
import { endWithUs } from '../../harness/end-with-us.ts'
import { cpuMs } from '../process-cost.ts'

const RUN_MS_MAX = 600_000
const LOOK_MS = 50

export interface ClientRun {
  readonly output: string
  /** Of its processors, but for what it spent after the last look. */
  readonly cpuMs: number
}

/** Runs a client program to its end. @throws Error with what it said when it fails */
export function runClient(command: string, words: readonly string[]): Promise<ClientRun> {
  const child = spawn(command, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Where it is set, Node parses a bundle of certificates at every start.
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined },
  })
  endWithUs(child)
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-10_000)
  })
  let spentMs = 0
  const look = setInterval(() => {
    try {
      spentMs = cpuMs(child.pid ?? 0)
    } catch {
      // It has ended.
    }
  }, LOOK_MS)
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_MS_MAX)
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      clearInterval(look)
      if (code === 0) done({ output: `${output}\n${errors}`, cpuMs: spentMs })
      else failed(new Error(`${command} ended with ${code ?? signal}: ${errors}${output}`))
    })
  })
}
