import { totalmem } from 'node:os'
import { resolve } from 'node:path'
import { SystemClock, SystemPrng } from '@odradek/core'
import { DiskFs } from '@odradek/log'
import manifest from '../package.json'
import { run } from './run.ts'

/**
 * Threads for reads that may have to wait for the device, and for flushes; four, libuv's own choice, would let a slow disk
 * hold up partitions that have nothing to do with each other. With 100 busy partitions 4, 8, 16 and 32 threads made 21,000,
 * 26,000, 34,000 and 32,000 batches a second durable (packages/log/src/flush.bench.ts). Must be said before the first of
 * them is used.
 */
const POOL_THREADS = '16'
process.env['UV_THREADPOOL_SIZE'] ??= POOL_THREADS

/** A container may have less than the machine. */
function memoryBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : totalmem()
}

/** Timers of the clock do not keep a process alive, and a command that waits has nothing else that does. */
async function pause(delayMs: number): Promise<void> {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs)
}

// Whoever read our output may be gone before us.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

void run({
  argv: process.argv.slice(2),
  environment: process.env,
  forgetVariable(name) {
    delete process.env[name]
  },
  fs: new DiskFs(),
  clock: new SystemClock(),
  prng: new SystemPrng(),
  version: manifest.version,
  memoryBytes: memoryBytes(),
  pause,
  absolutePath: (path) => resolve(path),
  stdin: () => process.stdin,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  onStopRequest(ask) {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, ask)
  },
  exit: (code) => process.exit(code),
}).then((code) => process.exit(code))
