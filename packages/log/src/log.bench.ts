import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { offset, producerId, SystemClock, SystemPrng, silentLogger, timestamp } from '@odradek/core'
import { buildBatch, readBatchHeader } from '@odradek/records'
import { diskLogStore } from './disk-log-store.ts'
import { DiskFs } from './fs/disk-fs.ts'
import { defaultLogConfig } from './log-config.ts'
import { memoryLogStore } from './memory-log-store.ts'
import type { Durability, LogStore, PartitionLog } from './partition-log.ts'

// `npx tsx packages/log/src/log.bench.ts`: what one partition log does by itself; CPU per unit is the figure to trust.

const SECONDS = 1
const MEGABYTE = 1e6
const READ_BYTES = 1024 * 1024

interface Case {
  readonly valueBytes: number
  readonly inFlight: number
  readonly durability: Durability
  readonly idempotent: boolean
}

const CASES: readonly Case[] = [
  { valueBytes: 100, inFlight: 1, durability: 'written', idempotent: false },
  { valueBytes: 100, inFlight: 64, durability: 'written', idempotent: false },
  { valueBytes: 100, inFlight: 64, durability: 'written', idempotent: true },
  { valueBytes: 1000, inFlight: 1, durability: 'flushed', idempotent: false },
  { valueBytes: 1000, inFlight: 16, durability: 'flushed', idempotent: false },
  { valueBytes: 16_000, inFlight: 16, durability: 'written', idempotent: false },
  { valueBytes: 100_000, inFlight: 8, durability: 'written', idempotent: false },
  { valueBytes: 1_000_000, inFlight: 4, durability: 'written', idempotent: false },
]

function appendFor(log: PartitionLog, one: Case): Promise<number> {
  const { valueBytes, inFlight, durability, idempotent } = one
  const value = Buffer.alloc(valueBytes, 7)
  const batch = Buffer.from(buildBatch({ records: [{ timestamp: timestamp(1n), key: null, value }] }))
  const plain = readBatchHeader(batch)
  const endMs = performance.now() + SECONDS * 1000
  let sequence = 0
  let count = 0
  let waiting = 0
  return new Promise((resolve) => {
    const send = (): void => {
      waiting++
      const header = idempotent
        ? { ...plain, producerId: producerId(5n), producerEpoch: 0, baseSequence: sequence++ }
        : plain
      log.append({ batch, header, durability }, (result) => {
        if (!result.ok) throw new Error(result.error)
        count++
        waiting--
        if (performance.now() < endMs) send()
        else if (waiting === 0) resolve(count)
      })
    }
    for (let index = 0; index < inFlight; index++) send()
  })
}

async function readAll(log: PartitionLog): Promise<number> {
  let next = Math.max(log.startOffset, log.endOffset - 400_000)
  let bytes = 0
  while (next < log.endOffset) {
    const request = {
      offset: offset(next),
      bytesMax: READ_BYTES,
      atLeastOneBatch: true,
      bound: 'highWatermark',
    } as const
    const result = await log.read(request)
    if (!result.ok || result.records.byteLength === 0) throw new Error('nothing read')
    bytes += result.records.byteLength
    for (let at = 0; at < result.records.byteLength; ) {
      const header = readBatchHeader(result.records, at)
      next = header.baseOffset + header.lastOffsetDelta + 1
      at += header.sizeBytes
    }
    result.release()
  }
  return bytes
}

function since(startMs: number, cpu: NodeJS.CpuUsage) {
  const { user, system } = process.cpuUsage(cpu)
  return { ms: performance.now() - startMs, cpuUs: user + system }
}

async function measure(name: string, store: LogStore): Promise<void> {
  for (const [index, one] of CASES.entries()) {
    const topicId = Buffer.alloc(16, index + 1).toString('base64url')
    const log = await store.open({ topicId, topicName: name, partition: 0 }, defaultLogConfig)
    let [startMs, cpu] = [performance.now(), process.cpuUsage()]
    const count = await appendFor(log, one)
    const append = since(startMs, cpu)
    ;[startMs, cpu] = [performance.now(), process.cpuUsage()]
    const bytes = await readAll(log)
    const read = since(startMs, cpu)
    const { valueBytes, inFlight, durability, idempotent } = one
    console.log(
      `${name} ${valueBytes} B x ${inFlight} ${durability}${idempotent ? ' idempotent' : ''}:`.padEnd(48),
      `${Math.round(count / (append.ms / 1000))} /s`.padStart(12),
      `${Math.round((count * valueBytes) / MEGABYTE / (append.ms / 1000))} MB/s`.padStart(12),
      `${(append.cpuUs / count).toFixed(2)} us each`.padStart(16),
      `read ${Math.round(bytes / MEGABYTE / (read.ms / 1000))} MB/s`.padStart(16),
    )
    await log.close()
    await store.remove({ topicId, topicName: name, partition: 0 })
  }
  await store.close()
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'odradek-log-bench-'))
  const settings = { clock: new SystemClock(), logger: silentLogger, prng: new SystemPrng() }
  try {
    await measure('disk', diskLogStore({ ...settings, fs: new DiskFs(), directory }))
    await measure('memory', memoryLogStore({ ...settings, bytesMax: 8e9, whenFull: 'dropOldest' }))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

void main()
