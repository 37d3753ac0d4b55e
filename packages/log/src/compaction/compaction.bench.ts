import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SystemClock, SystemPrng, silentLogger, timestamp } from '@odradek/core'
import { type BatchToBuild, buildBatch, readBatchHeader } from '@odradek/records'
import { diskLogStore } from '../disk-log-store.ts'
import { DiskFs } from '../fs/disk-fs.ts'
import { defaultLogConfig } from '../log-config.ts'
import { defaultMaintenanceSettings } from '../maintenance-settings.ts'
import type { Durability, PartitionLog } from '../partition-log.ts'

// `npx tsx packages/log/src/compaction/compaction.bench.ts [MB] [codec] [records a batch]`: a log of 100-byte records of which one in
// ten is the last of its key, and how long producers of another partition wait, without compaction and while it runs.

const MEGABYTE = 1e6
const RECORDS_PER_BATCH = Number(process.argv[4] ?? 100)
const WARM_UP_MS = 1000
const ALONE_MS = 4000
const INTERVAL_MS = 2
const VALUE_BYTES = 80
const LIVE_SHARE = 0.1

function append(log: PartitionLog, batch: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    log.append({ batch, header: readBatchHeader(batch), durability: 'written' }, (result) =>
      result.ok ? resolve() : reject(new Error(result.error)),
    )
  })
}

async function fill(log: PartitionLog, bytesMax: number, compressionType: BatchToBuild['compressionType']) {
  const recordsMax = bytesMax / 100
  const keys = Math.floor(recordsMax * LIVE_SHARE)
  const value = Buffer.alloc(VALUE_BYTES, 'some text that can be compressed a bit ')
  let count = 0
  while (log.sizeBytes < bytesMax && count < recordsMax * 1.5) {
    const records = Array.from({ length: RECORDS_PER_BATCH }, () => {
      const key = Buffer.from(String((count++ * 7919) % keys).padStart(9, '0'))
      return { timestamp: timestamp(BigInt(Date.now())), key, value }
    })
    await append(log, buildBatch({ records, ...(compressionType === undefined ? {} : { compressionType }) }))
  }
  await append(
    log,
    buildBatch({ records: [{ timestamp: timestamp(BigInt(Date.now())), key: Buffer.from('end'), value }] }),
  )
}

/**
 * A producer of another partition that sends a batch of 1 KB every two milliseconds. Its latency counts from when it should have sent:
 * who is held up holds up those behind it.
 */
class Producer {
  private readonly log: PartitionLog
  private readonly durability: Durability
  private readonly batch = buildBatch({
    records: [{ timestamp: timestamp(1n), key: null, value: Buffer.alloc(1000) }],
  })
  private readonly header = readBatchHeader(this.batch)
  private latenciesMs: number[] = []
  private dueMs = performance.now()
  private readonly timer: NodeJS.Timeout

  constructor(log: PartitionLog, durability: Durability) {
    this.log = log
    this.durability = durability
    this.timer = setInterval(() => this.sendDue(), 1)
  }

  /** What it has seen since the last call. */
  report(): string {
    const latencies = this.latenciesMs.sort((a, b) => a - b)
    this.latenciesMs = []
    const at = (share: number) => (latencies[Math.floor((latencies.length - 1) * share)] ?? 0).toFixed(1)
    return `${this.durability} p50 ${at(0.5)} p99 ${at(0.99)} p99.9 ${at(0.999)} max ${at(1)} ms`
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private sendDue(): void {
    for (; this.dueMs <= performance.now(); this.dueMs += INTERVAL_MS) {
      const { batch, header, dueMs, durability } = this
      this.log.append({ batch, header, durability }, () => this.latenciesMs.push(performance.now() - dueMs))
    }
  }
}

const megabytes = Number(process.argv[2] ?? 1000)
const codec = process.argv[3] as BatchToBuild['compressionType']
const directory = mkdtempSync(join(tmpdir(), 'odradek-compaction-'))
const settings = { fs: new DiskFs(), directory, clock: new SystemClock(), logger: silentLogger, prng: new SystemPrng() }
const identity = { topicId: 'Zm9vYmFyYmF6cXV4cXV1eA', topicName: 'bench', partition: 0 }
const config = {
  ...defaultLogConfig,
  segmentBytes: 128 * 1024 * 1024,
  cleanupCompact: true,
  cleanupDelete: false,
  retentionMs: -1,
}
const idle = { ...defaultMaintenanceSettings, isCleanerEnabled: false }
const filling = diskLogStore({ ...settings, maintenance: idle })
const first = await filling.open(identity, { ...config, flush: 'os' })
await fill(first, megabytes * MEGABYTE, codec)
await filling.close()
// Otherwise the system writes it back while the producers are alone, and they look slower than they are.
execFileSync('sync')

const store = diskLogStore({
  ...settings,
  maintenance: { ...defaultMaintenanceSettings, cleanerBackoffMs: 100_000_000 },
})
const log = await store.open(identity, { ...config, segmentMs: 1 })
await append(
  log,
  buildBatch({ records: [{ timestamp: timestamp(BigInt(Date.now() + 10)), key: Buffer.from('last'), value: null }] }),
)
const before = log.sizeBytes
const { compaction } = log as unknown as { compaction: import('../log-compaction.ts').LogCompaction }
const range = compaction.range()
if (range === null) throw new Error('nothing to compact')
const producers: Producer[] = []
for (const [partition, durability] of (['written', 'flushed'] as const).entries()) {
  producers.push(
    new Producer(await store.open({ ...identity, partition: partition + 1 }, defaultLogConfig), durability),
  )
}
const report = () => producers.map((producer) => producer.report()).join(', ')
await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS))
report()
await new Promise((resolve) => setTimeout(resolve, ALONE_MS))
const alone = report()
const cpu = process.cpuUsage()
const startMs = performance.now()
await compaction.clean(range, () => defaultMaintenanceSettings)
const tookMs = performance.now() - startMs
const { user, system } = process.cpuUsage(cpu)
console.log(
  `${codec ?? 'none'}: ${(range.dirtyBytes / MEGABYTE).toFixed(0)} MB to ${(log.sizeBytes / MEGABYTE).toFixed(0)} MB (was ${(before / MEGABYTE).toFixed(0)}) in ${tookMs.toFixed(0)} ms: ${(range.dirtyBytes / 1000 / tookMs).toFixed(0)} MB/s, CPU ${((user + system) / 1000).toFixed(0)} ms\n  produce alone:      ${alone}\n  while it compacts:  ${report()}`,
)
for (const producer of producers) producer.stop()
await store.close()
rmSync(directory, { recursive: true })
