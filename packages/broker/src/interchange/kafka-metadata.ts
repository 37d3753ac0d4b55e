import type { Fs } from '@odradek/core'
import { batchSizeAt, readBatchHeader, recordsOf } from '@odradek/records'
import { isBatchAt, isWholeSnapshot } from '../metadata/snapshot-batches.ts'
import { ClusterState } from './cluster-state.ts'

/** Kafka's directory, or ours, cannot be taken over; the message is one line that says why and what to do. */
export class InterchangeError extends Error {
  override readonly name = 'InterchangeError'
}

export interface KafkaMetadata {
  readonly state: ClusterState
  /** Offset after the last record. */
  readonly endOffset: number
  /** What was left out at the end of the log, torn when Kafka was killed; null when nothing was. */
  readonly cut: { readonly file: string; readonly position: number } | null
}

const SNAPSHOT_NAME = /^(\d{20})-(\d{10})\.checkpoint$/
const SEGMENT_NAME = /^(\d{20})\.log$/
const FORMAT_2_AT = 16
/** Metadata is never compressed; the limit only bounds what a broken file could ask for. */
const LIMITS = { maxDecompressedBytes: 134_217_728 }

/**
 * Reads `__cluster_metadata-0`: the last whole snapshot, and the log after it.
 * @throws InterchangeError when they do not make a whole.
 */
export function readKafkaMetadata(fs: Fs, directory: string): KafkaMetadata {
  const names = fs.readdirSync(directory)
  const state = new ClusterState()
  let endOffset = replayNewestSnapshot(fs, directory, names, state)
  const segments = names.flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? []).map(Number)
  for (const [index, base] of segments.entries()) {
    if (base > endOffset) throw missing(directory, endOffset, base)
    const path = `${directory}/${String(base).padStart(20, '0')}.log`
    const bytes = fs.readFileSync(path) ?? new Uint8Array()
    const { position, next } = replayBatches(bytes, endOffset, state)
    endOffset = Math.max(endOffset, next)
    if (position === bytes.length) continue
    if (index < segments.length - 1 || hasBatchAfter(bytes, position)) {
      throw new InterchangeError(
        `${path} is damaged at position ${position}, and more follows it; have Kafka mend it (start and stop it once), or copy the directory from another controller`,
      )
    }
    return { state, endOffset, cut: { file: path, position } }
  }
  // A Kafka that has run once has at least its features there.
  if (endOffset === 0) {
    throw new InterchangeError(
      `${directory} is empty, so nobody knows what these directories hold; copy it from another controller`,
    )
  }
  return { state, endOffset, cut: null }
}

function missing(directory: string, from: number, to: number): InterchangeError {
  return new InterchangeError(
    `${directory} has no snapshot or segment with records ${from} to ${to - 1}; copy the directory from another controller`,
  )
}

/** Kafka has each change on the device before it writes the next: what is torn is the end of the file. */
function hasBatchAfter(bytes: Uint8Array, position: number): boolean {
  for (let at = position + 1; at < bytes.length; at++) {
    if (bytes[at + FORMAT_2_AT] === 2 && isBatchAt(bytes, at)) return true
  }
  return false
}

/** Returns the offset that the log goes on from: 0 without a snapshot. */
function replayNewestSnapshot(fs: Fs, directory: string, names: readonly string[], state: ClusterState): number {
  const snapshots = names.filter((name) => SNAPSHOT_NAME.test(name)).sort()
  for (const name of snapshots.reverse()) {
    const bytes = fs.readFileSync(`${directory}/${name}`) ?? new Uint8Array()
    // One that was being written has another name; one without its end was damaged later.
    if (!isWholeSnapshot(bytes)) continue
    replayBatches(bytes, 0, state)
    return Number(SNAPSHOT_NAME.exec(name)?.[1])
  }
  return 0
}

/** Replays what begins at `from` or later. Returns where the whole batches end, in bytes and as an offset. */
function replayBatches(bytes: Uint8Array, from: number, state: ClusterState): { position: number; next: number } {
  let next = from
  let at = 0
  for (; isBatchAt(bytes, at); at += batchSizeAt(bytes, at) ?? 0) {
    const { baseOffset, lastOffsetDelta, isControl } = readBatchHeader(bytes, at)
    next = baseOffset + lastOffsetDelta + 1
    if (isControl || baseOffset < from) continue
    for (const { value } of recordsOf(bytes, LIMITS, at)) if (value !== null) state.replay(value)
  }
  return { position: at, next }
}
