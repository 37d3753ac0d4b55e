import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'

const ENDING = ['SIGINT', 'SIGTERM'] as const
/** What a shell adds to the number of the signal that has ended a process. */
const SIGNAL_EXIT_BASE = 128

const children = new Set<ChildProcess>()
let isWatching = false

/** Has the child ended when this process is, by a signal or its own exit, and with the suite that has left it, where a test took too long. */
export function endWithUs(child: ChildProcess): void {
  watch()
  children.add(child)
  child.once('exit', () => children.delete(child))
}

function endAll(): void {
  for (const child of children) child.kill('SIGKILL')
}

function watch(): void {
  if (isWatching) return
  isWatching = true
  process.on('exit', endAll)
  for (const signal of ENDING)
    process.on(signal, () => {
      endAll()
      // Whoever listens too has something of its own to put in order first.
      if (process.listenerCount(signal) === 1) process.exit(SIGNAL_EXIT_BASE + constants.signals[signal])
    })
}

// What a suite listens to never happens to its copy of `process`.
if (typeof afterAll === 'function') afterAll(endAll)
