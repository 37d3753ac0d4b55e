import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until } from './until.ts'

const RUN = join(process.cwd(), 'packages/tooling/bootstrap/run.cjs')
const FIXTURE = join(process.cwd(), 'integration/harness/end-with-us-fixture.ts')

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A process with a child that ends by nothing but SIGKILL. */
async function start(how: 'waits' | 'ends' | 'fails') {
  const parent = spawn(process.execPath, [RUN, FIXTURE, how], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(parent, 'exit')
  const [line] = await once(parent.stdout, 'data')
  return { parent, ended, childPid: Number(line) }
}

test.each(['SIGINT', 'SIGTERM'] as const)('a child ends with us by %s', async (signal) => {
  const { parent, ended, childPid } = await start('waits')
  parent.kill(signal)
  const [code, by] = await ended
  expect([code, by]).not.toEqual([0, null])
  await until('the child is gone', async () => !isAlive(childPid))
})

test.each(['ends', 'fails'] as const)('a child ends with us when the program %s', async (how) => {
  const { ended, childPid } = await start(how)
  await ended
  await until('the child is gone', async () => !isAlive(childPid))
})
