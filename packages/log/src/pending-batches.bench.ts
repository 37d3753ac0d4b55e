/**
 * Processor time per MB that goes to the page cache in writes of several sizes, and of copying it:
 * `npx tsx packages/log/src/pending-batches.bench.ts`. The least of five rounds each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskFs } from './fs/disk-fs.ts'
import { COPIED_BATCH_BYTES_MAX, PENDING_BYTES_MAX } from './pending-batches.ts'

const MEGABYTE = 1024 * 1024
const TOTAL_BYTES = 256 * MEGABYTE
const ROUNDS = 5
/** Where batches begin, which is at no boundary of a page. */
const FIRST_POSITION = 61

const bytes = Buffer.alloc(PENDING_BYTES_MAX, 7)

function microsecondsPerMegabyte(work: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / (TOTAL_BYTES / MEGABYTE))
  }
  return Math.round(least)
}

function write(directory: string, sizeBytes: number): void {
  const fs = new DiskFs()
  const path = join(directory, 'log')
  const handle = fs.openSync(path, 'create')
  const piece = bytes.subarray(0, sizeBytes)
  for (let at = FIRST_POSITION; at < TOTAL_BYTES; at += sizeBytes) handle.writeSync([piece], at)
  handle.closeSync()
  fs.unlinkSync(path)
}

function copy(sizeBytes: number): void {
  const [piece, target] = [bytes.subarray(0, sizeBytes), Buffer.alloc(PENDING_BYTES_MAX)]
  for (let at = 0; at < TOTAL_BYTES; at += sizeBytes) target.set(piece, at % (PENDING_BYTES_MAX - sizeBytes))
}

const directory = mkdtempSync(join(tmpdir(), 'odradek-writes-'))
try {
  for (const sizeBytes of [16_200, 48_600, COPIED_BATCH_BYTES_MAX, 130_000, PENDING_BYTES_MAX])
    console.log(`writes of ${sizeBytes} bytes: ${microsecondsPerMegabyte(() => write(directory, sizeBytes))} us/MB`)
  console.log(`copies of 16200 bytes: ${microsecondsPerMegabyte(() => copy(16_200))} us/MB`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
