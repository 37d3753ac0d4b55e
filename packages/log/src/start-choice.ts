import type { Fs } from '@odradek/core'
import {
  baseOffsetOfName,
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  offsetFileName,
  SNAPSHOT_SUFFIX,
  TEMPORARY_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
} from './file-names.ts'
import type { LogEnvironment } from './log-environment.ts'
import type { SegmentFacts } from './log-facts.ts'
import type { ProducerEntry } from './producer-state.ts'
import type { Segment } from './segment.ts'
import { readSnapshot } from './start-files.ts'

// What a start may take at its word, and what it must read.

const INDEX_SUFFIXES = [OFFSET_INDEX_SUFFIX, TIME_INDEX_SUFFIX, TRANSACTION_INDEX_SUFFIX]
/** Of files that nobody needs once the process that made them is dead. */
const LEFT_OVER_SUFFIXES = [DELETED_SUFFIX, TEMPORARY_SUFFIX, CLEANED_SUFFIX]

/** A segment that has a file. */
export interface FoundSegment {
  readonly segment: Segment
  readonly nextBase: number | null
  readonly fileBytes: number
  readonly modifiedMs: number | null
  /** It may have been half written when the process died. */
  readonly isDoubtful: boolean
  /** What is known of it needs no reading. */
  readonly isTrusted: boolean
  /** What is known of it is true of the bytes that it once had: more may have come. */
  readonly isTold: boolean
}

/** Where reading the segments begins, and what is known of producers there. */
export interface ReadingStart {
  /** Index of the first segment to read; the number of segments when none is. */
  readonly readFrom: number
  /** Of the snapshot; 0 without one. */
  readonly snapshotOffset: number
  readonly producers: readonly ProducerEntry[]
}

/** Removes what an interrupted removal or replacement left; returns the base offsets of the segments. */
export function removeLeftOvers(fs: Fs, directory: string, names: readonly string[]): readonly number[] {
  const bases: number[] = []
  const all = new Set(names)
  for (const name of names) {
    const base = baseOffsetOfName(name)
    if (base !== null) bases.push(base)
    const isIndex = INDEX_SUFFIXES.some((suffix) => name.endsWith(suffix))
    const isOrphan = isIndex && !all.has(`${name.slice(0, name.lastIndexOf('.'))}${LOG_SUFFIX}`)
    if (isOrphan || LEFT_OVER_SUFFIXES.some((suffix) => name.endsWith(suffix))) {
      fs.unlinkSync(`${directory}/${name}`)
    }
  }
  return bases
}

/**
 * A segment need not be read if all of it is on the device or was closed well, its file has the size that it had, and its
 * index files are there. That the bytes in between are still the same is checked whenever they are read for somebody.
 */
export function findSegment(
  fs: Fs,
  segment: Segment,
  nextBase: number | null,
  isDoubtful: boolean,
  facts: SegmentFacts | undefined,
): FoundSegment {
  const stat = fs.statSync(segment.log.path)
  const fileBytes = stat?.sizeBytes ?? 0
  const isSame = facts?.sizeBytes === fileBytes
  const isKnown =
    facts !== undefined && isSame && !isDoubtful && facts.endOffset <= (nextBase ?? Number.POSITIVE_INFINITY)
  return {
    ...{ segment, nextBase, fileBytes, modifiedMs: stat?.modifiedMs ?? null, isDoubtful },
    isTrusted: isKnown && segment.adopt(facts, nextBase === null),
    isTold: facts !== undefined && facts.sizeBytes <= fileBytes,
  }
}

/**
 * The newest whole snapshot that stands where reading can go on: all before it is trusted, and a segment begins with it or
 * after it. Without one every segment is read.
 */
export function chooseSnapshot(
  environment: LogEnvironment,
  directory: string,
  found: readonly FoundSegment[],
  snapshots: readonly number[],
  startOffset: number,
): ReadingStart {
  const end = Math.max(startOffset, found.at(-1)?.segment.endOffset ?? 0)
  for (const offset of [...snapshots].sort((a, b) => b - a)) {
    const after = found.findIndex(({ segment, isTrusted }) => !isTrusted || segment.endOffset > offset)
    const readFrom = after < 0 ? found.length : after
    if (offset > (found[readFrom]?.segment.baseOffset ?? end)) continue
    const producers = readSnapshot(environment, directory, offset)
    if (producers !== null) return { readFrom, snapshotOffset: offset, producers }
  }
  return { readFrom: 0, snapshotOffset: 0, producers: [] }
}

/**
 * Snapshots go with their segments; as in Kafka the newest that belongs to none stays, which is that of the last clean
 * stop. None stays that is beyond the end.
 */
export function tidySnapshots(
  fs: Fs,
  directory: string,
  snapshots: readonly number[],
  log: { readonly segments: readonly Segment[]; readonly endOffset: number },
): void {
  const bases = new Set(log.segments.map(({ baseOffset }) => baseOffset))
  const lastBase = log.segments.at(-1)?.baseOffset ?? 0
  const newest = snapshots.findLast((offset) => offset <= log.endOffset)
  for (const offset of snapshots) {
    if (offset <= log.endOffset && (bases.has(offset) || (offset === newest && offset > lastBase))) continue
    fs.unlinkSync(`${directory}/${offsetFileName(offset, SNAPSHOT_SUFFIX)}`)
  }
}
