import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { constants } from 'node:os'

const ENDING = ['SIGINT', 'SIGTERM'] as const
/** What a shell adds to the number of the signal that has ended a process. */
const SIGNAL_EXIT_BASE = 128

/** What was killed a moment ago may still be writing. */
const REMOVE_ATTEMPTS_MAX = 50
const REMOVE_PAUSE_MS = 20

const children = new Set<ChildProcess>()
const directories = new Set<string>()
let isWatching = false

/** Has the child ended when this process is, by a signal or its own exit, and with the suite that has left it, where a test took too long. */
export function endWithUs(child: ChildProcess): void {
  watch()
  children.add(child)
  child.once('exit', () => children.delete(child))
}

/** Has the directory gone when this process is, however it ends; what is returned removes it now. */
export function removeWithUs(directory: string): () => void {
  watch()
  directories.add(directory)
  return () => {
    directories.delete(directory)
    remove(directory)
  }
}

function remove(directory: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      rmSync(directory, { recursive: true, force: true })
      return
    } catch (error) {
      if (attempt === REMOVE_ATTEMPTS_MAX) throw error
      // Nothing asynchronous happens any more when a process exits.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REMOVE_PAUSE_MS)
    }
  }
}

function endAll(): void {
  for (const child of children) child.kill('SIGKILL')
}

function leaveNothing(): void {
  endAll()
  for (const directory of directories) remove(directory)
}

function watch(): void {
  if (isWatching) return
  isWatching = true
  process.on('exit', leaveNothing)
  for (const signal of ENDING)
    process.on(signal, () => {
      endAll()
      // Whoever listens too has something of its own to put in order first.
      if (process.listenerCount(signal) === 1) process.exit(SIGNAL_EXIT_BASE + constants.signals[signal])
    })
}

// What a suite listens to never happens to its copy of `process`.
if (typeof afterAll === 'function') afterAll(endAll)
