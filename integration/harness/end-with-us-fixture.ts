import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithUs, removeWithUs } from './end-with-us.ts'

/** Goes on writing new files until it is killed. */
const STUBBORN = `
process.on('SIGTERM', () => {})
process.on('SIGINT', () => {})
let count = 0
setInterval(() => require('node:fs').writeFileSync(process.argv[1] + '/' + count++, 'x'), 1)
console.log('up')`

/** Leaves a child and its directory behind in the way that it is told to, once the child is up. */
async function main(how: string | undefined): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-end-'))
  removeWithUs(directory)
  const child = spawn(process.execPath, ['-e', STUBBORN, directory], { stdio: ['ignore', 'pipe', 'ignore'] })
  endWithUs(child)
  await once(child.stdout, 'data')
  process.stdout.write(`${child.pid} ${directory}\n`, () => {
    if (how === 'ends') process.exit(0)
    if (how === 'fails') throw new Error('a bug')
  })
}

void main(process.argv[2])
