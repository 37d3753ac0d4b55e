import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SystemClock, SystemPrng, silentLogger, timestamp } from '@odradek/core'
import { type BatchToBuild, buildBatch, readBatchHeader } from '@odradek/records'
import { diskLogStore } from '../disk-log-store.ts'
import { DiskFs } from '../fs/disk-fs.ts'
import { defaultLogConfig } from '../log-config.ts'
import { defaultMaintenanceSettings } from '../maintenance-settings.ts'
import type { PartitionLog } from '../partition-log.ts'

// `npx tsx packages/log/src/compaction/compaction.bench.ts [MB] [codec]`: a log of 100-byte records of which one in ten
// is the last of its key, and how long others wait for the event loop meanwhile.

const MEGABYTE = 1e6
const RECORDS_PER_BATCH = 100
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

/** The longest and some usual times between two turns of the event loop, in milliseconds. */
function watchLoop(): () => string {
  const gaps: number[] = []
  const startMs = performance.now()
  let last = startMs
  let longest = ''
  let longestMs = 0
  let isWatching = true
  const turn = () => {
    const now = performance.now()
    gaps.push(now - last)
    if (now - last > longestMs) {
      longestMs = now - last
      longest = `at ${(now - startMs).toFixed(0)} ms`
    }
    last = now
    if (isWatching) setImmediate(turn)
  }
  setImmediate(turn)
  return () => {
    isWatching = false
    gaps.sort((a, b) => a - b)
    const at = (share: number) => (gaps[Math.floor((gaps.length - 1) * share)] ?? 0).toFixed(1)
    return `loop gaps p50 ${at(0.5)} p99 ${at(0.99)} p99.9 ${at(0.999)} max ${at(1)} ms ${longest}`
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
const cpu = process.cpuUsage()
const startMs = performance.now()
const stopWatching = watchLoop()
await compaction.clean(range, defaultMaintenanceSettings)
const tookMs = performance.now() - startMs
const { user, system } = process.cpuUsage(cpu)
console.log(
  `${codec ?? 'none'}: ${(range.dirtyBytes / MEGABYTE).toFixed(0)} MB to ${(log.sizeBytes / MEGABYTE).toFixed(0)} MB (was ${(before / MEGABYTE).toFixed(0)}) in ${tookMs.toFixed(0)} ms: ${(range.dirtyBytes / 1000 / tookMs).toFixed(0)} MB/s, CPU ${((user + system) / 1000).toFixed(0)} ms; ${stopWatching()}`,
)
await store.close()
if (process.argv[4] === 'keep') console.log(directory)
else rmSync(directory, { recursive: true })
