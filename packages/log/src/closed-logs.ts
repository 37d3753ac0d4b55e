import type { Fs } from '@odradek/core'
import { crc32c } from '@odradek/records'
import {
  baseOffsetOfName,
  LEADER_EPOCHS_NAME,
  LOG_FACTS_NAME,
  LOG_SUFFIX,
  PARTITION_METADATA_NAME,
  SEGMENT_SUFFIXES,
  snapshotOffsetOfName,
} from './file-names.ts'
import type { LogEnvironment } from './log-environment.ts'
import { decodeLogFacts, type LogFacts } from './log-facts.ts'
import type { LogState } from './log-state.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts'
import type { ProducerEntry } from './producer-state.ts'
import { tidySnapshots } from './start-choice.ts'
import { encodeAllFacts } from './start-files.ts'

// One file of a data directory with what the small files of all its logs say, so that a start after a clean stop opens
// none of them: of ten thousand partitions those were fifty thousand. Believed of each log as long as its directory is as it
// was left.

/** What a clean stop knew of one log. */
export interface ClosedLog {
  /** When a name in its directory last came, went or was replaced. */
  readonly changedMs: number
  readonly snapshotOffset: number
  /** Of the log's own file of facts; null when it has none. */
  readonly factsChecksum: number | null
  readonly facts: LogFacts
  readonly producers: readonly ProducerEntry[]
  /** Of the last segment. */
  readonly offsetIndex: Buffer
  readonly timeIndex: Buffer
}

// version int16, CRC-32C of all that follows uint32, then for each log: length of its directory's name int16, the name,
// length of what follows int32, changed float64, snapshot offset float64, whether it has facts of its own int8, and facts,
// producers, offset index, time index, each after its length int32.

const VERSION = 1
const CHECKSUM_AT = 2
const CHECKSUM_END = 6
const FIXED_BYTES = 17
/** A log about which there is more to say has files of its own for that. */
const CLOSED_LOG_BYTES_MAX = 65_536

const PLAIN_NAMES = new Set([LEADER_EPOCHS_NAME, LOG_FACTS_NAME, PARTITION_METADATA_NAME])

/** For a log whose files are up to date; null where a start has to look at them, to tidy up or because there is much to read. */
export function describeClosedLog(environment: LogEnvironment, state: LogState): Buffer | null {
  const { fs } = environment
  const { directory, endOffset, segments, snapshotOffset } = state
  const facts = encodeAllFacts(state)
  const active = segments.all.findLast(({ sizeBytes }) => sizeBytes > 0)
  if (facts === null || (state.areEpochsUnsaved && !state.epochs.isEmpty)) return null
  const names = fs.readdirSync(directory)
  const bases = new Set(segments.all.filter(({ sizeBytes }) => sizeBytes > 0).map(({ baseOffset }) => baseOffset))
  if (!names.every((name) => isInPlace(name, bases))) return null
  const snapshots = names.map(snapshotOffsetOfName).filter((offset) => offset !== null)
  tidySnapshots(fs, directory, snapshots, { segments: segments.all, endOffset })
  const changedMs = fs.statSync(directory)?.modifiedMs ?? null
  const blocks = [
    facts,
    encodeProducerSnapshot(state.producers.entries),
    active?.offsetIndex.entries.inMemory ?? EMPTY,
    active?.timeIndex.entries.inMemory ?? EMPTY,
  ]
  const sizeBytes = blocks.reduce((total, { byteLength }) => total + 4 + byteLength, FIXED_BYTES)
  if (changedMs === null || sizeBytes > CLOSED_LOG_BYTES_MAX) return null
  const bytes = Buffer.alloc(sizeBytes)
  let at = bytes.writeDoubleBE(changedMs, 0)
  at = bytes.writeDoubleBE(snapshotOffset, at)
  at = bytes.writeInt8(state.factsChecksum === null ? 0 : 1, at)
  for (const block of blocks) {
    at = bytes.writeInt32BE(block.byteLength, at)
    at += block.copy(bytes, at)
  }
  return bytes
}

/** Null for anything but what `describeClosedLog` made. */
export function decodeClosedLog(bytes: Buffer): ClosedLog | null {
  let at = FIXED_BYTES
  const blocks: Buffer[] = []
  while (at + 4 <= bytes.byteLength) {
    const end = at + 4 + bytes.readInt32BE(at)
    blocks.push(bytes.subarray(at + 4, end))
    at = end
  }
  const [factsBlock = EMPTY, producersBlock = EMPTY, offsetIndex = EMPTY, timeIndex = EMPTY] = blocks
  const facts = decodeLogFacts(factsBlock)
  const producers = decodeProducerSnapshot(producersBlock)
  if (facts === null || producers === null) return null
  return {
    changedMs: bytes.readDoubleBE(0),
    snapshotOffset: bytes.readDoubleBE(8),
    factsChecksum: bytes.readInt8(16) === 0 ? null : crc32c(factsBlock),
    ...{ facts, producers, offsetIndex, timeIndex },
  }
}

export function encodeClosedLogs(logs: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [Buffer.alloc(CHECKSUM_END)]
  for (const [name, log] of logs) {
    const head = Buffer.alloc(2 + name.length + 4)
    const at = head.writeInt16BE(name.length, 0)
    head.writeInt32BE(log.byteLength, at + head.write(name, at, 'latin1'))
    parts.push(head, log)
  }
  const bytes = Buffer.concat(parts)
  bytes.writeInt16BE(VERSION, 0)
  bytes.writeUInt32BE(crc32c(bytes, CHECKSUM_END), CHECKSUM_AT)
  return bytes
}

/** By name of the log's directory; empty when the file is not there, or is not what was written. */
export function readClosedLogs(fs: Fs, path: string): Map<string, Buffer> {
  const logs = new Map<string, Buffer>()
  const data = fs.readFileSync(path)
  if (data === null) return logs
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes.byteLength < CHECKSUM_END || bytes.readInt16BE(0) !== VERSION) return logs
  if (bytes.readUInt32BE(CHECKSUM_AT) !== crc32c(bytes, CHECKSUM_END)) return logs
  for (let at = CHECKSUM_END; at < bytes.byteLength; ) {
    const nameEnd = at + 2 + bytes.readInt16BE(at)
    const end = nameEnd + 4 + bytes.readInt32BE(nameEnd)
    logs.set(bytes.toString('latin1', at + 2, nameEnd), bytes.subarray(nameEnd + 4, end))
    at = end
  }
  return logs
}

/** Whether a start would leave the file alone. Snapshots are a matter of their own. */
function isInPlace(name: string, bases: ReadonlySet<number>): boolean {
  if (PLAIN_NAMES.has(name) || snapshotOffsetOfName(name) !== null) return true
  const dot = name.lastIndexOf('.')
  if (!SEGMENT_SUFFIXES.includes(name.slice(dot))) return false
  const base = baseOffsetOfName(`${name.slice(0, dot)}${LOG_SUFFIX}`)
  return base !== null && bases.has(base)
}

const EMPTY = Buffer.alloc(0)
