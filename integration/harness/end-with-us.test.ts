import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
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

/** A process with a child that ends by nothing but SIGKILL, and that writes into a directory until then. */
async function start(how: 'waits' | 'ends' | 'fails') {
  const stdio = ['ignore', 'pipe', 'ignore'] as const
  const parent = spawn(process.execPath, [RUN, FIXTURE, how], { stdio: [...stdio], detached: true })
  const ended = once(parent, 'exit')
  const [line] = await once(parent.stdout, 'data')
  const [pid, directory = ''] = String(line).trim().split(' ')
  const nothingIsLeft = async (): Promise<void> => {
    await until('the child is gone', async () => !isAlive(Number(pid)))
    await until('its directory is gone', async () => !existsSync(directory))
  }
  return { parent, ended, nothingIsLeft }
}

test.each(['SIGINT', 'SIGTERM'] as const)('a child and its directory end with us by %s', async (signal) => {
  const { parent, ended, nothingIsLeft } = await start('waits')
  parent.kill(signal)
  const [code, by] = await ended
  expect([code, by]).not.toEqual([0, null])
  await nothingIsLeft()
})

test('they end by Ctrl-C, which every process of a terminal gets, and some twice', async () => {
  const { parent, ended, nothingIsLeft } = await start('waits')
  process.kill(-(parent.pid ?? Number.NaN), 'SIGINT')
  await ended
  await nothingIsLeft()
})

test.each(['ends', 'fails'] as const)('they end with us when the program %s', async (how) => {
  const { ended, nothingIsLeft } = await start(how)
  await ended
  await nothingIsLeft()
})
