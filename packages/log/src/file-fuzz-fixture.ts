import { offset, type Prng, producerId, SystemClock, silentLogger, timestamp } from '@odradek/core'
import { buildBatch, readBatchHeader } from '@odradek/records'
import { diskLogStore } from './disk-log-store.ts'
import { MemoryFs } from './fs/memory-fs.ts'
import { defaultLogConfig, type LogConfig } from './log-config.ts'
import type { AppendResult, LogStore, PartitionLog } from './partition-log.ts'

const IDENTITY = { topicId: 'Zm9vYmFyYmF6cXV4cXV1eA', topicName: 'events', partition: 3 }
const ROOT = 'data'
const BATCHES = 12
const READ_BYTES = 1_000_000
const CONFIG: LogConfig = { ...defaultLogConfig, retentionMs: -1, segmentBytes: 700, flush: 'os' }

interface StoredFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** Starts on the files of a partition that somebody has spoilt: the log opens or says that it has failed. */
export class FileFuzz {
  private readonly prng: Prng
  private readonly clock = new SystemClock()
  /** As a clean stop leaves them, and as a kill does. */
  private readonly sources: readonly (readonly StoredFile[])[]
  /** Logs that said so. */
  refused = 0

  private constructor(prng: Prng, sources: readonly (readonly StoredFile[])[]) {
    this.prng = prng
    this.sources = sources
  }

  static async open(prng: Prng): Promise<FileFuzz> {
    return new FileFuzz(prng, [await fill(prng, true), await fill(prng, false)])
  }

  /** One start. What is thrown is a bug. */
  async start(): Promise<void> {
    const { prng } = this
    const source = this.sources[prng.below(this.sources.length)] ?? []
    const spoilt = new Map<StoredFile, Uint8Array | null>()
    for (let count = 1 + prng.below(3); count > 0; count--) {
      const file = source[prng.below(source.length)]
      if (file !== undefined) spoilt.set(file, spoil(spoilt.get(file) ?? file.bytes, prng))
    }
    const fs = new MemoryFs()
    for (const file of source) {
      const changed = spoilt.get(file)
      if (changed !== null) write(fs, file.path, changed ?? file.bytes)
    }
    const store = this.store(fs)
    await this.use(await store.open(IDENTITY, CONFIG))
    await store.close()
  }

  private async use(log: PartitionLog): Promise<void> {
    for (let next = log.startOffset; next < log.endOffset && log.failure === null; ) {
      const read = await log.read({ offset: next, bytesMax: READ_BYTES, atLeastOneBatch: true, bound: 'end' })
      if (!read.ok || read.records.length === 0) {
        if (read.ok) read.release()
        break
      }
      const header = readBatchHeader(read.records)
      next = offset(header.baseOffset + header.lastOffsetDelta + 1)
      read.release()
    }
    if (log.failure === null) await append(log, this.prng.below(10))
    else this.refused += 1
  }

  private store(fs: MemoryFs): LogStore {
    return diskLogStore({ fs, directory: ROOT, clock: this.clock, logger: silentLogger, prng: this.prng })
  }
}

async function fill(prng: Prng, isClean: boolean): Promise<readonly StoredFile[]> {
  const fs = new MemoryFs()
  const store = diskLogStore({ fs, directory: ROOT, clock: new SystemClock(), logger: silentLogger, prng })
  const log = await store.open(IDENTITY, CONFIG)
  for (let batch = 0; batch < BATCHES; batch++) await append(log, batch)
  const files = isClean ? [] : filesBelow(fs, ROOT)
  await store.close()
  return isClean ? filesBelow(fs, ROOT) : files
}

function append(log: PartitionLog, index: number): Promise<AppendResult> {
  const time = timestamp(1_700_000_000_000n + BigInt(index))
  const records = [{ timestamp: time, key: Buffer.from('k'), value: Buffer.alloc(150, index), headers: [] }]
  const batch = buildBatch({ records, producerId: producerId(7n), producerEpoch: 0, baseSequence: index })
  return new Promise((done) => {
    log.append({ batch, header: readBatchHeader(batch), durability: 'flushed' }, done)
  })
}

function filesBelow(fs: MemoryFs, directory: string): StoredFile[] {
  return fs.readdirSync(directory).flatMap((name): StoredFile[] => {
    const path = `${directory}/${name}`
    if (fs.statSync(path)?.isDirectory === true) return filesBelow(fs, path)
    return [{ path, bytes: fs.readFileSync(path) ?? new Uint8Array() }]
  })
}

function write(fs: MemoryFs, path: string, bytes: Uint8Array): void {
  fs.mkdirSync(path.slice(0, path.lastIndexOf('/')))
  const handle = fs.openSync(path, 'create')
  if (bytes.length > 0) handle.writeSync([bytes], 0)
  handle.closeSync()
}

/** Null: it is gone. */
function spoil(bytes: Uint8Array, prng: Prng): Uint8Array | null {
  const at = prng.below(bytes.length + 1)
  switch (prng.below(6)) {
    case 0:
      return bytes.subarray(0, at)
    case 1: {
      const changed = Buffer.from(bytes)
      for (let count = 1 + prng.below(8); count > 0 && changed.length > 0; count--)
        changed[prng.below(changed.length)] = prng.below(256)
      return changed
    }
    case 2:
      return Buffer.concat([bytes.subarray(0, at), prng.bytes(1 + prng.below(100)), bytes.subarray(at)])
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + prng.below(100))])
    case 4:
      return prng.bytes(prng.below(1000))
    default:
      return null
  }
}
