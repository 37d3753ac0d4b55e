import type { Fs } from '@odradek/core'
import { BATCH_HEADER_BYTES, crc32c, readBatchHeader } from '@odradek/records'
import { isHeaderAt, isIntactAt, sizeAt } from '../batch-bytes.ts'
import {
  baseOffsetOfName,
  CLEANED_SUFFIX,
  DAMAGED_SUFFIX,
  DELETED_SUFFIX,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  REPAIRED_SUFFIX,
  SNAPSHOT_SUFFIX,
  SWAP_SUFFIX,
  TEMPORARY_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from '../file-names.ts'
import { storedCheckpoints } from '../log-checkpoints.ts'
import type { Finding } from './finding.ts'

/** Kafka's entry of an aborted transaction: version int16, producer id, first, last and last stable offset, each int64. */
const TRANSACTION_ENTRY_BYTES = 34
/** Kafka's producer snapshot: version int16, CRC-32C of all that follows it uint32, number of entries int32, entries. */
const SNAPSHOT_HEADER_BYTES = 10
const SNAPSHOT_CRC_FROM = 6
const SNAPSHOT_ENTRY_BYTES = 46
const SNAPSHOT_VERSION = 1

const LEFT_OVERS: readonly (readonly [string, string])[] = [
  [DELETED_SUFFIX, 'waited for its removal; the next start removes it'],
  [TEMPORARY_SUFFIX, 'was not finished; the next start removes it'],
  [CLEANED_SUFFIX, 'is a compaction that was not finished; the next start removes it'],
  [SWAP_SUFFIX, 'is a compacted segment that is to take its place; the next start does it'],
  [REPAIRED_SUFFIX, 'is a repair that was not finished; repair again, or remove it'],
  [DAMAGED_SUFFIX, 'was kept by a repair; remove it when nobody needs it any more'],
]

/** Checkpoints that are not as they were written: batches one after the other, of which the last is a control batch. */
export function damagedCheckpoints(fs: Fs, directory: string): Finding[] {
  return storedCheckpoints(fs, directory).flatMap(({ path }): Finding[] => {
    const bytes = Buffer.from(fs.readFileSync(path) ?? [])
    let at = 0
    let isLastControl = false
    while (bytes.byteLength - at >= BATCH_HEADER_BYTES && isHeaderAt(bytes, at)) {
      if (sizeAt(bytes, at) > bytes.byteLength - at || !isIntactAt(bytes, at)) break
      isLastControl = readBatchHeader(bytes, at).isControl
      at += sizeAt(bytes, at)
    }
    if (isLastControl && at === bytes.byteLength) return []
    return [{ kind: 'derived-file', file: path, what: 'is damaged; an older one, or the log, stands for it' }]
  })
}

/** Files that a start or a person is to remove, and indexes without their segment. */
export function leftOvers(fs: Fs, directory: string): Finding[] {
  const names = fs.readdirSync(directory)
  const all = new Set(names)
  return names.flatMap((name): Finding[] => {
    const file = `${directory}/${name}`
    const what = LEFT_OVERS.find(([suffix]) => name.endsWith(suffix))?.[1]
    if (what !== undefined) return [{ kind: 'left-over', file, what }]
    const isIndex = [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX].some((one) => name.endsWith(one))
    const log = `${name.slice(0, name.lastIndexOf('.'))}${LOG_SUFFIX}`
    if (!isIndex || all.has(log) || baseOffsetOfName(log) === null) return []
    return [{ kind: 'left-over', file, what: 'is an index without its segment; the next start removes it' }]
  })
}

/** What is wrong with the files about producers and transactions that come with a segment. */
export function transactionFiles(fs: Fs, directory: string, baseOffset: number): Finding[] {
  const snapshot = `${directory}/${offsetFileName(baseOffset, SNAPSHOT_SUFFIX)}`
  const aborted = `${directory}/${offsetFileName(baseOffset, TRANSACTION_INDEX_SUFFIX)}`
  return [
    ...faultOf(fs, snapshot, snapshotFault),
    ...faultOf(fs, aborted, (bytes) => transactionIndexFault(bytes, baseOffset)),
  ]
}

function faultOf(fs: Fs, file: string, check: (bytes: Buffer) => string | null): Finding[] {
  const bytes = fs.readFileSync(file)
  const what = bytes === null ? null : check(Buffer.from(bytes))
  return what === null ? [] : [{ kind: 'derived-file', file, what }]
}

function snapshotFault(bytes: Buffer): string | null {
  if (bytes.byteLength < SNAPSHOT_HEADER_BYTES) return 'too short for a snapshot'
  const version = bytes.readInt16BE(0)
  if (version !== SNAPSHOT_VERSION) return `version ${version} where ${SNAPSHOT_VERSION} is the only one`
  if (bytes.readUInt32BE(2) !== crc32c(bytes, SNAPSHOT_CRC_FROM)) return 'its checksum is wrong'
  const sizeBytes = SNAPSHOT_HEADER_BYTES + bytes.readInt32BE(SNAPSHOT_CRC_FROM) * SNAPSHOT_ENTRY_BYTES
  // Ours have more behind Kafka's entries, which the checksum covers.
  return sizeBytes <= bytes.byteLength ? null : `${bytes.byteLength} bytes where its entries need ${sizeBytes}`
}

function transactionIndexFault(bytes: Buffer, baseOffset: number): string | null {
  const rest = bytes.byteLength % TRANSACTION_ENTRY_BYTES
  if (rest !== 0) return `${rest} bytes after the last entry`
  let before = BigInt(baseOffset) - 1n
  for (let at = 0; at < bytes.byteLength; at += TRANSACTION_ENTRY_BYTES) {
    const first = bytes.readBigInt64BE(at + 10)
    const last = bytes.readBigInt64BE(at + 18)
    const isEntry = bytes.readInt16BE(at) === 0 && bytes.readBigInt64BE(at + 2) >= 0n && first <= last && last > before
    if (!isEntry) return `entry ${at / TRANSACTION_ENTRY_BYTES} is no aborted transaction`
    before = last
  }
  return null
}
