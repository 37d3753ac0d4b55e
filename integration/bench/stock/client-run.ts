import { spawn } from 'node:child_process'

const RUN_MS_MAX = 300_000

/** Runs a client program to its end. @throws Error with what it said when it fails */
export function runClient(command: string, words: readonly string[]): Promise<string> {
  const child = spawn(command, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Where it is set, Node parses a bundle of certificates at every start.
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined },
  })
  let [output, errors] = ['', '']
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-10_000)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), RUN_MS_MAX)
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) done(`${output}\n${errors}`)
      else failed(new Error(`${command} ended with ${code ?? signal}: ${errors}${output}`))
    })
  })
}
