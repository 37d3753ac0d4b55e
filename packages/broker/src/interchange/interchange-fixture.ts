import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Fs, offset, SeededPrng, SystemClock, silentLogger } from '@odradek/core'
import { defaultLogConfig, diskLogStore, type LogStore, MemoryFs } from '@odradek/log'
import { batchSizeAt, readBatchHeader, recordsOf } from '@odradek/records'
import { MetadataImage } from '../metadata/metadata-image.ts'
import { MetadataLog } from '../metadata/metadata-log.ts'
import { type ImportOptions, importKafka } from './import-kafka.ts'

/** Directories that real Kafkas made, see fixtures/README.md. */
const FIXTURES = join(process.cwd(), 'packages/broker/src/interchange/fixtures')

export type FixtureName = 'kafka-4.4' | 'kafka-3.9'

/** A file system that has the directory as `/kafka`. */
export function kafkaDirectory(name: FixtureName): MemoryFs {
  const fs = new MemoryFs()
  copyIn(fs, join(FIXTURES, name), '/kafka')
  return fs
}

function copyIn(fs: MemoryFs, from: string, to: string): void {
  fs.mkdirSync(to)
  for (const name of readdirSync(from)) {
    if (statSync(join(from, name)).isDirectory()) copyIn(fs, join(from, name), `${to}/${name}`)
    else writeFile(fs, `${to}/${name}`, readFileSync(join(from, name)))
  }
}

export function writeFile(fs: Fs, path: string, content: Uint8Array | string): void {
  const handle = fs.openSync(path, 'create')
  handle.writeSync([Buffer.from(content)], 0)
  handle.closeSync()
}

/** What Kafka's own client read from it. */
export function kafkaSaid(name: FixtureName): readonly string[] {
  return readFileSync(join(FIXTURES, `${name}.txt`), 'utf8').split('\n')
}

export function importOptions(fs: Fs, changes: Partial<ImportOptions> = {}): ImportOptions {
  return {
    fs,
    clock: new SystemClock(),
    prng: new SeededPrng(1),
    logger: silentLogger,
    softwareVersion: '1.2.3',
    sources: ['/kafka'],
    target: '/data',
    onProgress: () => {},
    ...changes,
  }
}

export const importFixture = (fs: Fs, changes: Partial<ImportOptions> = {}) => importKafka(importOptions(fs, changes))

export interface Opened {
  readonly store: LogStore
  readonly image: MetadataImage
}

/** Opens the data directory and replays its metadata. */
export async function openData(fs: Fs, directory = '/data'): Promise<Opened> {
  const store = diskLogStore({
    fs,
    directory,
    clock: new SystemClock(),
    prng: new SeededPrng(2),
    logger: silentLogger,
  })
  const image = new MetadataImage('of no interest')
  const log = await MetadataLog.open(store, 'device', new SystemClock())
  await log.replay((records, endOffset) => image.apply(records, endOffset))
  await log.close()
  return { store, image }
}

/** The lines that Exchange.java prints of a partition, without those of control batches. */
export async function linesOf({ store, image }: Opened, topicName: string, partition: number): Promise<string[]> {
  const topicId = image.topic(topicName)?.id ?? ''
  const log = await store.open({ topicId, topicName, partition }, { ...defaultLogConfig, retentionMs: -1 })
  const name = `${topicName}-${partition}`
  const lines = [`record ${name} from ${log.startOffset} to ${log.endOffset}`]
  for (let next: number = log.startOffset; next < log.endOffset; ) {
    const read = await log.read({ offset: offset(next), bytesMax: 1, atLeastOneBatch: true, bound: 'end' })
    if (!read.ok) throw new Error(read.error)
    const bytes = Buffer.from(read.records.subarray(0, batchSizeAt(read.records, 0) ?? 0))
    read.release()
    const header = readBatchHeader(bytes)
    next = header.baseOffset + header.lastOffsetDelta + 1
    if (header.isControl) continue
    for (const record of recordsOf(bytes, { maxDecompressedBytes: 1_000_000 })) {
      if (record.offset < log.startOffset) continue
      const time = header.timestampType === 'LogAppendTime' ? header.maxTimestamp : record.timestamp
      const headers = record.headers.map(({ key, value }) => ` ${Buffer.from(key)}=${textOf(value)}`)
      lines.push(
        `record ${name} ${record.offset} ${header.timestampType} ${time} ${textOf(record.key)} ${textOf(record.value)}${headers.join('')}`,
      )
    }
  }
  await log.close()
  return lines
}

function textOf(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null'
  return bytes.length <= 40 ? `'${Buffer.from(bytes)}'` : `${bytes.length} bytes ${crc32(bytes)}`
}
