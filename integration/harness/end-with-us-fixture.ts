import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { endWithUs } from './end-with-us.ts'

const STUBBORN =
  "process.on('SIGTERM', () => {}); process.on('SIGINT', () => {}); setInterval(() => {}, 1000); console.log('up')"

/** Leaves a child behind in the way that it is told to, once the child is up. */
async function main(how: string | undefined): Promise<void> {
  const child = spawn(process.execPath, ['-e', STUBBORN], { stdio: ['ignore', 'pipe', 'ignore'] })
  endWithUs(child)
  await once(child.stdout, 'data')
  process.stdout.write(`${child.pid}\n`, () => {
    if (how === 'ends') process.exit(0)
    if (how === 'fails') throw new Error('a bug')
  })
}

void main(process.argv[2])
