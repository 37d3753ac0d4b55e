import { closeSync, fdatasync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SystemClock, SystemPrng, silentLogger } from '@odradek/core'
import { buildBatch, readBatchHeader } from '@odradek/records'
import { diskLogStore } from './disk-log-store.ts'
import { DiskFs } from './fs/disk-fs.ts'
import { defaultLogConfig } from './log-config.ts'
import type { LogStore, PartitionLog } from './partition-log.ts'

// `npx tsx packages/log/src/flush.bench.ts [seconds a round] [directory]`: how many batches of 1 KB a second become durable, by one
// fdatasync for each (what the disk itself can do), and by group commit with 1 and 16 producers on one log and with 100 and
// 400 on 100 of them.
// `UV_THREADPOOL_SIZE=8 npx tsx …` shows what the number of libuv's threads does to the last.

const VALUE_BYTES = 1000
const ROUNDS = 5
/** max.in.flight.requests.per.connection, as clients have it by default. */
const IN_FLIGHT = 5
/** What a client of the same machine needs to be back with its next batch, more or less. */
const ROUND_TRIP_MS = 0.1
const FLUSH_CONFIG = { ...defaultLogConfig, retentionMs: -1 }

const seconds = Number(process.argv[2] ?? 0.5)
const directory = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'odradek-flush-'))
const clock = new SystemClock()

function batchBytes(): Uint8Array {
  return buildBatch({ records: [{ timestamp: 1n as never, key: null, value: Buffer.alloc(VALUE_BYTES, 'v') }] })
}

interface Rate {
  readonly perSecond: number
  readonly latenciesMs: readonly number[]
}

/** A write and a flush for every batch, one after the other, as the disk's own measure. */
async function oneFlushEach(isAsync: boolean): Promise<Rate> {
  const descriptor = openSync(join(directory, `raw-${isAsync}`), 'w')
  const bytes = batchBytes()
  const latenciesMs: number[] = []
  const startMs = performance.now()
  let position = 0
  while (performance.now() - startMs < seconds * 1000) {
    const sentMs = performance.now()
    position += writeSync(descriptor, bytes, 0, bytes.byteLength, position)
    if (isAsync) await new Promise<void>((resolve) => fdatasync(descriptor, () => resolve()))
    else fdatasyncSync(descriptor)
    latenciesMs.push(performance.now() - sentMs)
  }
  closeSync(descriptor)
  return { perSecond: latenciesMs.length / ((performance.now() - startMs) / 1000), latenciesMs }
}

/** As from a client of this machine: some turns later, and not all in the same one. */
function afterRoundTrip(next: () => void): void {
  const dueMs = performance.now() + ROUND_TRIP_MS * (0.5 + Math.random())
  const turn = () => (performance.now() >= dueMs ? next() : setImmediate(turn))
  setImmediate(turn)
}

/** Each producer sends its next batch when the last one is acknowledged; every one to its own log, or all to the same. */
async function groupCommit(logs: readonly PartitionLog[], producers: number): Promise<Rate> {
  const latenciesMs: number[] = []
  const startMs = performance.now()
  const endMs = startMs + seconds * 1000
  const produce = (log: PartitionLog): Promise<void> =>
    new Promise((resolve, reject) => {
      const batch = batchBytes()
      const header = readBatchHeader(batch)
      const next = (): void => {
        const sentMs = performance.now()
        if (sentMs >= endMs) resolve()
        else
          log.append({ batch, header, durability: 'flushed' }, (result) => {
            if (!result.ok) return reject(new Error(result.error))
            latenciesMs.push(performance.now() - sentMs)
            afterRoundTrip(next)
          })
      }
      next()
    })
  const all = Array.from({ length: producers }, (_, index) => produce(logs[index % logs.length] as PartitionLog))
  await Promise.all(all)
  return { perSecond: latenciesMs.length / ((performance.now() - startMs) / 1000), latenciesMs }
}

interface Workload {
  readonly name: string
  run(): Promise<Rate>
}

/** Round by round, since others use the disk too: each rate is compared with what the disk could do just then. */
async function measure(workloads: readonly Workload[]): Promise<void> {
  const rates = new Map<Workload, { readonly rate: Rate; readonly times: number }[]>()
  for (let round = 0; round < ROUNDS; round++) {
    let base = 0
    for (const workload of workloads) {
      const rate = await workload.run()
      base ||= rate.perSecond
      rates.set(workload, [...(rates.get(workload) ?? []), { rate, times: rate.perSecond / base }])
    }
  }
  for (const [{ name }, rounds] of rates) {
    const latenciesMs = rounds.flatMap(({ rate }) => rate.latenciesMs).sort((a, b) => a - b)
    const at = (share: number) => (latenciesMs[Math.floor((latenciesMs.length - 1) * share)] ?? 0).toFixed(2)
    const perSecond = median(rounds.map(({ rate }) => rate.perSecond)).toFixed(0)
    const times = median(rounds.map((round) => round.times)).toFixed(1)
    console.log(
      `${name.padEnd(56)} ${perSecond.padStart(7)} /s ${times.padStart(6)} times  p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms`,
    )
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

async function openLogs(store: LogStore, name: string, count: number): Promise<PartitionLog[]> {
  const topicId = Buffer.from(name.padEnd(16, '.')).toString('base64url')
  const partitions = Array.from({ length: count }, (_, partition) => partition)
  return Promise.all(partitions.map((partition) => store.open({ topicId, topicName: name, partition }, FLUSH_CONFIG)))
}

const settings = { fs: new DiskFs(), directory, clock, logger: silentLogger, prng: new SystemPrng() }
const store = diskLogStore(settings)
try {
  const threads = process.env['UV_THREADPOOL_SIZE'] ?? '4'
  const one = await openLogs(store, 'one', 1)
  const many = await openLogs(store, 'many', 100)
  await measure([
    { name: 'one fdatasync each, in place', run: () => oneFlushEach(false) },
    { name: 'one fdatasync each, on another thread', run: () => oneFlushEach(true) },
    ...[1, 16].map((producers) => ({
      name: `group commit, 1 log, ${producers} producers`,
      run: () => groupCommit(one, producers),
    })),
    { name: 'group commit, 1 log, 16 producers, 5 in flight each', run: () => groupCommit(one, 16 * IN_FLIGHT) },
    ...[100, 400].map((producers) => ({
      name: `group commit, 100 logs, ${producers} producers, ${threads} threads`,
      run: () => groupCommit(many, producers),
    })),
  ])
} finally {
  await store.close()
  rmSync(directory, { recursive: true, force: true })
}
