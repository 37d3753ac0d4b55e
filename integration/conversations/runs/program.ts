import { spawn } from 'node:child_process'

const MS_MAX = 120_000

/** @returns what it printed. @throws Error with all that it said when it fails */
export function runProgram(command: string, words: readonly string[], input = ''): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'], timeout: MS_MAX })
    let printed = ''
    let said = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
    })
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    child.once('error', failed)
    child.once('close', (code) => {
      if (code === 0) done(printed)
      else failed(new Error(`${command} ${words.join(' ')} ended with ${code}: ${said}${printed}`))
    })
    // A program that has ended reads no more.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
