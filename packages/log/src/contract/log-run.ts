import { type Later, type ManualClock, type Offset, timestamp } from '@odradek/core'
import { type BatchToBuild, buildBatch, type RecordToWrite, readBatchHeader } from '@odradek/records'
import { defaultLogConfig, type LogConfig } from '../log-config.ts'
import type {
  AppendRequest,
  AppendResult,
  Durability,
  LogStore,
  PartitionIdentity,
  PartitionLog,
  ReadBound,
} from '../partition-log.ts'

/** One engine over one set of data, for one test. */
export interface EngineRun {
  readonly clock: ManualClock
  /** Lets the process's own event loop turn once, for what real files do meanwhile. */
  turn(): Promise<void>
  /** A store over the run's data, as a new process would make it. */
  store(): LogStore
  /** Whether the data outlives a store that was never closed. */
  readonly isDurable: boolean
  dispose(): Promise<void>
}

export const IDENTITY: PartitionIdentity = { topicId: 'Zm9vYmFyYmF6cXV4cXV1eA', topicName: 'events', partition: 3 }
export const BASE_TIMESTAMP = 1_700_000_000_000n

/** `count` records of `valueBytes` each, a millisecond apart from `time` on. */
export function records(count: number, valueBytes = 10, time = BASE_TIMESTAMP): RecordToWrite[] {
  return Array.from({ length: count }, (_, index) => ({
    timestamp: timestamp(time + BigInt(index)),
    key: null,
    value: Buffer.alloc(valueBytes, index + 1),
  }))
}

/** Drives one log of an engine: turns the clock until what was asked for is there. */
export class LogRun {
  readonly engine: EngineRun
  store: LogStore
  log: PartitionLog
  config: LogConfig
  private readonly identity: PartitionIdentity

  private constructor(
    engine: EngineRun,
    store: LogStore,
    log: PartitionLog,
    config: LogConfig,
    identity: PartitionIdentity,
  ) {
    this.engine = engine
    this.store = store
    this.log = log
    this.config = config
    this.identity = identity
  }

  static async open(engine: EngineRun, changes: Partial<LogConfig> = {}, identity = IDENTITY): Promise<LogRun> {
    const store = engine.store()
    // Most tests have old records and move the clock; only those of retention want them gone.
    const config = { ...defaultLogConfig, retentionMs: -1, ...changes }
    return new LogRun(engine, store, await settle(engine, store.open(identity, config)), config, identity)
  }

  settle<T>(value: Later<T>): Promise<T> {
    return settle(this.engine, value)
  }

  /** Bytes go in as they are; the answer comes by `done`. */
  appendBytes(
    batch: Uint8Array,
    durability: Durability = 'written',
    transactionVersion?: number,
  ): Promise<AppendResult> {
    return this.appendRequest({
      batch,
      durability,
      ...(transactionVersion === undefined ? {} : { transactionVersion }),
    })
  }

  appendRequest(request: Omit<AppendRequest, 'header'>): Promise<AppendResult> {
    const { log } = this
    return this.settle(
      new Promise<AppendResult>((resolve) => {
        log.append({ ...request, header: readBatchHeader(request.batch) }, resolve)
      }),
    )
  }

  append(batch: BatchToBuild, durability: Durability = 'written'): Promise<AppendResult> {
    return this.appendBytes(buildBatch(batch), durability)
  }

  /** Appends all in one tick and waits for every answer; the results come in the order of their callbacks. */
  async appendTogether(batches: readonly Uint8Array[], durability: Durability = 'written'): Promise<AppendResult[]> {
    const { log } = this
    const results: AppendResult[] = []
    await this.settle(
      new Promise<void>((resolve) => {
        for (const batch of batches) {
          log.append({ batch, header: readBatchHeader(batch), durability }, (result) => {
            results.push(result)
            if (results.length === batches.length) resolve()
          })
        }
      }),
    )
    return results
  }

  /** A copy of what a read returns; null when it is out of range. */
  async read(
    at: number,
    bytesMax = 1_000_000,
    options: { atLeastOneBatch?: boolean; bound?: ReadBound } = {},
  ): Promise<Uint8Array | null> {
    const { atLeastOneBatch = true, bound = 'end' } = options
    const result = await this.settle(this.log.read({ offset: at as Offset, bytesMax, atLeastOneBatch, bound }))
    if (!result.ok) {
      if (result.error !== 'OFFSET_OUT_OF_RANGE') throw new Error(result.error)
      return null
    }
    const copy = Buffer.from(result.records)
    result.release()
    return copy
  }

  /** Everything from `at` to the bound, read piece by piece. */
  async readAll(at: number, bytesMax = 1_000_000, bound: ReadBound = 'end'): Promise<Buffer> {
    const pieces: Uint8Array[] = []
    for (let next = at; ; ) {
      const piece = await this.read(next, bytesMax, { bound })
      if (piece === null || piece.byteLength === 0) return Buffer.concat(pieces)
      pieces.push(piece)
      next = lastOffsetOf(piece) + 1
    }
  }

  /** Closes everything and opens it again, as a clean stop and start would. */
  async restart(): Promise<void> {
    await this.settle(this.store.close())
    await this.reopen()
  }

  /** Opens the data again without a word to the store that had it: the process was killed. */
  async reopen(): Promise<void> {
    this.store = this.engine.store()
    this.log = await this.settle(this.store.open(this.identity, this.config))
  }

  async end(): Promise<void> {
    await this.settle(this.store.close())
    await this.engine.dispose()
  }
}

/** Turns the engine's clock and the event loop until the value is there. */
export async function settle<T>(engine: EngineRun, value: Later<T>): Promise<T> {
  let isDone = false
  const promise = Promise.resolve(value).finally(() => {
    isDone = true
  })
  // Without this a rejection during the turns would count as unhandled.
  promise.catch(() => {})
  while (!isDone) {
    engine.clock.tick()
    await engine.turn()
  }
  return promise
}

/** Offsets and sizes of the whole batches in `bytes`; throws when they are not whole. */
export function batchesIn(
  bytes: Uint8Array,
): { baseOffset: number; lastOffset: number; sizeBytes: number; at: number }[] {
  const found: { baseOffset: number; lastOffset: number; sizeBytes: number; at: number }[] = []
  for (let at = 0; at < bytes.byteLength; ) {
    const header = readBatchHeader(bytes, at)
    if (at + header.sizeBytes > bytes.byteLength) throw new Error('a read ends in the middle of a batch')
    const { baseOffset, sizeBytes } = header
    found.push({ baseOffset, lastOffset: baseOffset + header.lastOffsetDelta, sizeBytes, at })
    at += sizeBytes
  }
  return found
}

function lastOffsetOf(bytes: Uint8Array): number {
  return batchesIn(bytes).at(-1)?.lastOffset ?? -1
}
