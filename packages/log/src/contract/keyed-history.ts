import { type ProducerId, type SeededPrng, timestamp } from '@odradek/core'
import {
  type BatchToBuild,
  buildEndTransactionBatch,
  type RecordToWrite,
  readBatchHeader,
  recordsOf,
} from '@odradek/records'
import type { LogRun } from './log-run.ts'

const CODECS = ['none', 'none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const LIMITS = { maxDecompressedBytes: 10_000_000 }

interface Producer {
  readonly producerId: ProducerId
  readonly isTransactional: boolean
  nextSequence: number
  /** What was written in the open transaction; null when none is open. */
  open: [number, RecordToWrite][] | null
}

/** A random history of records with keys, and what must always be true of a log that it went into, however compacted. */
export class KeyedHistory {
  /** All records ever written, by offset, as text. */
  readonly written = new Map<number, string>()
  /** The last committed value of each key, without those deleted. */
  readonly model = new Map<string, string>()
  private readonly last = new Map<string, number>()
  private readonly prng: SeededPrng
  private readonly keys: number
  private readonly producers: readonly Producer[]
  private count = 0

  constructor(prng: SeededPrng, keys: number) {
    this.prng = prng
    this.keys = keys
    this.producers = [1, 2, 3].map((id) => ({
      producerId: BigInt(id) as ProducerId,
      isTransactional: id > 1,
      nextSequence: 0,
      open: null,
    }))
  }

  async append(run: LogRun, batches: number): Promise<void> {
    for (let index = 0; index < batches; index++) await this.step(run)
  }

  get isSettled(): boolean {
    return this.producers.every(({ open }) => open === null)
  }

  /** Ends what is open, so that nothing holds back the last stable offset. */
  async settle(run: LogRun): Promise<void> {
    for (const producer of this.producers) if (producer.open !== null) await this.end(run, producer)
  }

  private async step(run: LogRun): Promise<void> {
    const { prng } = this
    const producer = this.producers[prng.below(this.producers.length + 1)]
    if (producer?.open != null && prng.below(3) === 0) return this.end(run, producer)
    const records = Array.from({ length: 1 + prng.below(5) }, () => this.record(run))
    const sequence = { baseSequence: producer?.nextSequence ?? -1 }
    const batch: BatchToBuild = {
      ...{ records, compressionType: CODECS[prng.below(CODECS.length)] ?? 'none' },
      ...(producer === undefined ? {} : { producerId: producer.producerId, producerEpoch: 0, ...sequence }),
      isTransactional: producer?.isTransactional ?? false,
    }
    const result = await run.append(batch, prng.below(2) === 0 ? 'flushed' : 'written')
    if (!result.ok) throw new Error(result.error)
    const placed = records.map((record, index): [number, RecordToWrite] => [result.baseOffset + index, record])
    for (const [offset, record] of placed) this.written.set(offset, textOf(record))
    if (producer !== undefined) producer.nextSequence += records.length
    if (producer?.isTransactional !== true) this.commit(placed)
    else producer.open = [...(producer.open ?? []), ...placed]
  }

  private async end(run: LogRun, producer: Producer): Promise<void> {
    const isAbort = this.prng.below(2) === 0
    const { producerId } = producer
    const time = timestamp(BigInt(run.engine.clock.wallMs()))
    const outcome = isAbort ? 'abort' : 'commit'
    const marker = buildEndTransactionBatch({
      ...{ producerId, producerEpoch: 0, coordinatorEpoch: 0, outcome, timestamp: time },
    })
    const result = await run.appendBytes(marker, 'flushed')
    if (!result.ok) throw new Error(result.error)
    if (!isAbort) this.commit(producer.open ?? [])
    producer.open = null
  }

  private record(run: LogRun): RecordToWrite {
    const { prng } = this
    const key = Buffer.from(`key ${prng.below(this.keys)}`)
    const isTombstone = prng.below(6) === 0
    const value = isTombstone ? null : Buffer.from(`value ${this.count++} ${'x'.repeat(prng.below(150))}`)
    const headers = prng.below(3) === 0 ? [{ key: Buffer.from('h'), value: Buffer.from(`${this.count}`) }] : []
    return { timestamp: timestamp(BigInt(run.engine.clock.wallMs() + prng.below(50))), key, value, headers }
  }

  /** What counts is the order of offsets, not that of the commits. */
  private commit(placed: readonly (readonly [number, RecordToWrite])[]): void {
    for (const [offset, { key, value }] of placed) {
      const name = Buffer.from(key ?? []).toString()
      if (offset < (this.last.get(name) ?? -1)) continue
      this.last.set(name, offset)
      if (value === null) this.model.delete(name)
      else this.model.set(name, Buffer.from(value).toString())
    }
  }
}

export const textOf = (record: Omit<RecordToWrite, 'offset'>): string =>
  JSON.stringify([
    `${record.timestamp}`,
    record.key === null ? null : Buffer.from(record.key).toString(),
    record.value === null ? null : Buffer.from(record.value).toString(),
    (record.headers ?? []).map(({ key, value }) => [Buffer.from(key).toString(), Buffer.from(value ?? []).toString()]),
  ])

/** What a consumer of committed records holds in the end, and every record it was shown. */
export async function readCommitted(
  run: Pick<LogRun, 'log' | 'settle'>,
): Promise<{ table: Map<string, string>; records: Map<number, string> }> {
  const table = new Map<string, string>()
  const records = new Map<number, string>()
  for (let next: number = run.log.startOffset; ; ) {
    const bound = 'lastStable'
    const result = await run.settle(
      run.log.read({ offset: next as never, bytesMax: 3000, atLeastOneBatch: true, bound }),
    )
    if (!result.ok) throw new Error(result.error)
    const bytes = Buffer.from(result.records)
    const aborted = [...result.abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset)
    result.release()
    if (bytes.byteLength === 0) return { table, records }
    const abortedNow = new Set<bigint>()
    for (let at = 0; at < bytes.byteLength; ) {
      const header = readBatchHeader(bytes, at)
      const lastOffset = header.baseOffset + header.lastOffsetDelta
      while (aborted[0] !== undefined && aborted[0].firstOffset <= lastOffset) {
        abortedNow.add(aborted.shift()!.producerId)
      }
      if (header.isControl) abortedNow.delete(header.producerId)
      else if (!header.isTransactional || !abortedNow.has(header.producerId)) {
        for (const record of recordsOf(bytes, LIMITS, at)) {
          if (record.offset < next) continue
          records.set(record.offset, textOf(record))
          const name = Buffer.from(record.key ?? []).toString()
          if (record.value === null) table.delete(name)
          else table.set(name, Buffer.from(record.value).toString())
        }
      }
      next = lastOffset + 1
      at += header.sizeBytes
    }
  }
}
