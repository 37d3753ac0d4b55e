import { createServer } from 'node:net'

/** Below the range that the operating system hands out for connections, so that nobody takes one between check and use. */
const PORT_MIN = 15_000
const PORT_MAX = 32_000
const TRIES_MAX = 100

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer()
    server.once('error', () => answer(false))
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)))
  })
}

/** The first of `count` free ports in a row: node n of a broker listens at its port plus n, over restarts too. */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const first = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN - count))
    const checks: boolean[] = []
    for (let index = 0; index < count; index++) checks.push(await isFree(first + index))
    if (checks.every((free) => free)) return first
  }
  throw new Error(`no ${count} free ports in a row`)
}
