import type { Fs } from '@odradek/core'
import { RecordsError, recordsOf } from '@odradek/records'
import { baseOffsetAt, lastOffsetAt, leaderEpochAt, maxTimestampAt, sizeAt } from '../batch-bytes.ts'
import { BufferPool } from '../buffer-pool.ts'
import { LOG_SUFFIX, offsetFileName } from '../file-names.ts'
import { LazyFile, OpenFiles } from '../fs/open-files.ts'
import { readRangesSync } from '../range-reader.ts'
import { SegmentScan } from '../segment-scan.ts'
import { nextBatch } from './batch-search.ts'

/** What an opened batch may come to; larger ones are not looked into. */
const LIMITS = { maxDecompressedBytes: 1024 * 1024 * 1024 }

/** A batch that stands where it should. */
export interface BatchPlace {
  readonly position: number
  readonly sizeBytes: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly maxTimestamp: bigint
}

/** Bytes of a segment that are no batch, or a batch that nobody can read. */
export interface BadRange {
  readonly position: number
  readonly sizeBytes: number
  /** First offset that is lost. */
  readonly fromOffset: number
  /** First offset that is there again; null where none follows in the segment. */
  readonly toOffset: number | null
  readonly why: string
  /** Every byte is as it was sent, but the records cannot be read. */
  readonly isIntact: boolean
}

export interface InspectedSegment {
  readonly baseOffset: number
  readonly path: string
  readonly fileBytes: number
  /** Offset after the last good batch. */
  readonly endOffset: number
  readonly bad: readonly BadRange[]
}

export interface SegmentToInspect {
  readonly directory: string
  readonly baseOffset: number
  /** Where the segment after it begins; null for the last. */
  readonly nextBase: number | null
  /** See BatchOrder and ScanTarget. */
  readonly denseFrom: number
  epochFault(bytes: Buffer, at: number): string | null
}

/** Reads every byte of a segment and opens every batch; `see` is shown the good ones in order. */
export function inspectSegment(fs: Fs, segment: SegmentToInspect, see: (batch: BatchPlace) => void): InspectedSegment {
  const { directory, baseOffset, nextBase, denseFrom } = segment
  const path = `${directory}/${offsetFileName(baseOffset, LOG_SUFFIX)}`
  const files = new OpenFiles(fs, 1)
  const pool = new BufferPool()
  const file = new LazyFile(path, 'read')
  const bad: BadRange[] = []
  const visit = (bytes: Buffer, at: number, position: number): false => {
    const batch = placeOf(bytes, at, position)
    const why = unreadable(bytes, at)
    see(batch)
    if (why !== null) bad.push(rangeOf(batch, why))
    return false
  }
  try {
    const handle = files.use(file)
    const fileBytes = handle.size()
    let position = 0
    let endOffset = baseOffset
    while (position < fileBytes) {
      const scan = new SegmentScan({
        ...{ baseOffset, fromPosition: position, sizeBytes: fileBytes, checksums: true, denseFrom },
        // What follows bad bytes need not begin where they did.
        fromOffset: position === 0 ? baseOffset : -1,
        offsetMax: nextBase ?? Number.MAX_SAFE_INTEGER,
        epochFault: (bytes, at) => segment.epochFault(bytes, at),
        ...{ wantsWhole: () => true, visit },
      })
      scan.endOffset = endOffset
      pool.give(readRangesSync(scan, file, files, pool))
      endOffset = scan.endOffset
      if (scan.fault === null) break
      const offsetMax = nextBase ?? Number.MAX_SAFE_INTEGER
      position = nextBatch({ handle, position: scan.position, fileBytes, offsetMin: endOffset, offsetMax })
      bad.push({
        position: scan.position,
        sizeBytes: position - scan.position,
        fromOffset: endOffset,
        toOffset: position < fileBytes ? baseOffsetIn(fs, path, position) : null,
        why: scan.fault,
        isIntact: false,
      })
    }
    return { baseOffset, path, fileBytes, endOffset, bad }
  } finally {
    files.close(file)
  }
}

function baseOffsetIn(fs: Fs, path: string, position: number): number {
  const handle = fs.openSync(path, 'read')
  try {
    const bytes = Buffer.alloc(8)
    handle.readSync(bytes, 0, bytes.byteLength, position)
    return baseOffsetAt(bytes, 0)
  } finally {
    handle.closeSync()
  }
}

function placeOf(bytes: Buffer, at: number, position: number): BatchPlace {
  return {
    position,
    sizeBytes: sizeAt(bytes, at),
    baseOffset: baseOffsetAt(bytes, at),
    lastOffset: lastOffsetAt(bytes, at),
    leaderEpoch: leaderEpochAt(bytes, at),
    maxTimestamp: maxTimestampAt(bytes, at),
  }
}

function rangeOf({ position, sizeBytes, baseOffset, lastOffset }: BatchPlace, why: string): BadRange {
  return { position, sizeBytes, fromOffset: baseOffset, toOffset: lastOffset + 1, why, isIntact: true }
}

/** Why the records of a batch cannot be read, or null. */
function unreadable(bytes: Buffer, at: number): string | null {
  try {
    for (const _ of recordsOf(bytes, LIMITS, at));
    return null
  } catch (error) {
    if (error instanceof RecordsError) return error.message
    throw error
  }
}
