import { crc32c } from '@odradek/records'
import { LOG_FACTS_NAME, offsetFileName, SNAPSHOT_SUFFIX } from './file-names.ts'
import type { LogEnvironment } from './log-environment.ts'
import { decodeLogFacts, encodeLogFacts, type LogFacts, type SegmentFacts } from './log-facts.ts'
import type { LogState } from './log-state.ts'
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts'
import type { ProducerEntry, ProducerState } from './producer-state.ts'
import { replaceFile } from './small-file.ts'
import { errorText } from './storage-error.ts'

// Two files of a partition that let a start leave the log unread: what its batch headers would tell, and what is known of
// producers. Both are caches: whatever becomes of them, the log tells the same. They are not flushed, and have checksums.

/** Saves what is known of producers at the log's end, unless it is known already. Returns whether that file is there. */
export function saveSnapshot(
  environment: LogEnvironment,
  directory: string,
  offset: number,
  producers: ProducerState,
): boolean {
  if (!environment.isDurable) return false
  const path = `${directory}/${offsetFileName(offset, SNAPSHOT_SUFFIX)}`
  return save(environment, path, encodeProducerSnapshot(producers.entries))
}

/** Null when there is none, or when it is damaged. */
export function readSnapshot(
  environment: LogEnvironment,
  directory: string,
  offset: number,
): readonly ProducerEntry[] | null {
  const path = `${directory}/${offsetFileName(offset, SNAPSHOT_SUFFIX)}`
  const bytes = environment.fs.readFileSync(path)
  const entries = bytes === null ? null : decodeProducerSnapshot(bytes)
  if (bytes !== null && entries === null) environment.logger.warn('a producer snapshot is damaged', { path })
  return entries
}

/** Saves what a start needs to know of closed segments, and of the active one `whenClosed`. */
export function saveFacts(
  environment: LogEnvironment,
  log: Pick<
    LogState,
    'directory' | 'startOffset' | 'epochs' | 'segments' | 'factsChecksum' | 'denseFrom' | 'writtenOffset'
  >,
  whenClosed: boolean,
): void {
  if (!environment.isDurable) return
  const segments = knownSegments(log, whenClosed)
  if (log.segments.all.length === 1 && log.segments.active.sizeBytes === 0 && log.factsChecksum === null) return
  const bytes = encodeFacts(log, segments)
  const checksum = crc32c(bytes)
  if (checksum === log.factsChecksum) return
  log.factsChecksum = save(environment, factsPath(log.directory), bytes) ? checksum : null
}

/** Of a closed log, all of it; null when its index files are not up to date. */
export function encodeAllFacts(log: LogState): Buffer | null {
  const segments: SegmentFacts[] = []
  for (const segment of log.segments.all) {
    const facts = segment.facts()
    if (facts === null) return null
    if (segment.sizeBytes > 0) segments.push(facts)
  }
  return encodeFacts(log, segments)
}

export function readFacts(
  environment: Pick<LogEnvironment, 'fs'>,
  directory: string,
): { readonly facts: LogFacts; readonly checksum: number } | null {
  const bytes = environment.fs.readFileSync(factsPath(directory))
  const facts = bytes === null ? null : decodeLogFacts(bytes)
  return bytes === null || facts === null ? null : { facts, checksum: crc32c(bytes) }
}

/** What it says of some segments will not be true any more. */
export function dropFacts(environment: Pick<LogEnvironment, 'fs'>, directory: string): void {
  environment.fs.unlinkSync(factsPath(directory))
}

function encodeFacts(
  log: Pick<LogState, 'startOffset' | 'epochs' | 'denseFrom' | 'writtenOffset'>,
  segments: readonly SegmentFacts[],
): Buffer {
  const { startOffset, epochs, denseFrom, writtenOffset: knownEnd } = log
  return encodeLogFacts({ startOffset, epochs: epochs.starts, denseFrom, knownEnd, segments })
}

function knownSegments({ segments: { all, active } }: Pick<LogState, 'segments'>, whenClosed: boolean): SegmentFacts[] {
  const known: SegmentFacts[] = []
  for (const segment of all) {
    if (segment.sizeBytes === 0 || (segment === active && !whenClosed)) continue
    const facts = segment.facts()
    if (facts !== null) known.push(facts)
  }
  return known
}

function save(environment: LogEnvironment, path: string, bytes: Uint8Array): boolean {
  try {
    replaceFile(environment.fs, path, bytes)
    return true
  } catch (error) {
    environment.logger.warn('a file for the next start could not be saved', { path, why: errorText(error) })
    return false
  }
}

function factsPath(directory: string): string {
  return `${directory}/${LOG_FACTS_NAME}`
}
