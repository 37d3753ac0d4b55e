import {
  baseOffsetOfName,
  CLEANED_SUFFIX,
  LOG_SUFFIX,
  offsetFileName,
  SEGMENT_SUFFIXES,
  SWAP_SUFFIX,
} from '../file-names.ts'
import { LazyFile } from '../fs/open-files.ts'
import type { LogEnvironment } from '../log-environment.ts'
import type { LogState } from '../log-state.ts'
import { readRanges } from '../range-reader.ts'
import type { Segment } from '../segment.ts'
import { SegmentScan } from '../segment-scan.ts'
import { dropFacts } from '../start-files.ts'
import { errorText } from '../storage-error.ts'

// A compacted segment is written as N.log.cleaned. Once it is whole and on the device it becomes N.log.swap, and from
// then on it is what counts: a start that finds it removes the segments that it stands for and gives it its name.

/** A segment that takes the place of others in one turn; until `replaceSegments` nobody sees it. */
export function cleanedPath(directory: string, baseOffset: number): string {
  return `${directory}/${offsetFileName(baseOffset, LOG_SUFFIX)}${CLEANED_SUFFIX}`
}

/**
 * Puts `cleaned`, all of which is written, in the place of `old`. False when some of `old` are gone meanwhile: then
 * nothing has changed. A failure between the names ends the log until the next start, which finishes the work.
 */
export async function replaceSegments(
  environment: LogEnvironment,
  state: LogState,
  cleaned: Segment,
  old: readonly Segment[],
): Promise<boolean> {
  const { files, fs } = environment
  const swapPath = `${cleaned.directory}/${offsetFileName(cleaned.baseOffset, LOG_SUFFIX)}${SWAP_SUFFIX}`
  // Also where the log takes the operating system's word (odradek.flush=os): what is replaced had long reached the device.
  if (environment.isDurable) {
    const handle = files.pin(cleaned.log)
    try {
      await handle.datasync()
    } finally {
      files.unpin(cleaned.log)
    }
  }
  cleaned.isDirty = false
  if (!state.segments.holds(old)) return false
  fs.renameSync(cleaned.log.path, swapPath)
  cleaned.log.path = swapPath
  if (environment.isDurable) await fs.syncDirectory(cleaned.directory)
  if (!state.segments.holds(old)) return false
  try {
    // Before the gaps are there: a power cut may bring back the facts of a log without any.
    state.denseFrom = Math.max(state.denseFrom, state.segments.endOf(old))
    dropFacts(environment, cleaned.directory)
    state.factsChecksum = null
    environment.discard(old, state.config.fileDeleteDelayMs, cleaned.baseOffset)
    state.segments.replace(old, cleaned)
    // The old names must be gone for good before the new one is there, or a power cut could leave both.
    if (environment.isDurable) await fs.syncDirectory(cleaned.directory)
    takeName(environment, state, cleaned)
  } catch (error) {
    state.fail(`a compacted segment could not be put in place: ${errorText(error)}`)
    throw error
  }
  return true
}

function takeName(environment: LogEnvironment, state: LogState, cleaned: Segment): void {
  const { files, fs, logger } = environment
  if (!state.segments.all.includes(cleaned)) {
    // Retention was faster.
    files.close(cleaned.log)
    fs.unlinkSync(cleaned.log.path)
    return
  }
  const path = `${cleaned.directory}/${offsetFileName(cleaned.baseOffset, LOG_SUFFIX)}`
  fs.renameSync(cleaned.log.path, path)
  cleaned.log.path = path
  state.unsyncedDirectories.add(cleaned.directory)
  try {
    cleaned.seal()
  } catch (error) {
    logger.warn('the indexes of a segment could not be saved', { why: errorText(error) })
  }
}

/** Ends what a dead process had begun. Returns the base offsets of the segments that are left. */
export async function finishSwaps(
  environment: LogEnvironment,
  directory: string,
  names: readonly string[],
  bases: readonly number[],
): Promise<readonly number[]> {
  const { fs, logger } = environment
  let left = [...bases]
  for (const name of names) {
    if (!name.endsWith(SWAP_SUFFIX)) continue
    const path = `${directory}/${name}`
    const finalName = name.slice(0, -SWAP_SUFFIX.length)
    const baseOffset = baseOffsetOfName(finalName)
    if (baseOffset === null) continue
    const endOffset = await endOffsetOf(environment, path, baseOffset)
    if (endOffset === null && left.includes(baseOffset)) {
      // Not whole, so it never counted: its segments are all still there.
      fs.unlinkSync(path)
      continue
    }
    logger.info('finishing a compaction', { directory, baseOffset })
    dropFacts(environment, directory)
    if (environment.isDurable) await fs.syncDirectory(directory)
    const obsolete = left.filter((base) => base > baseOffset && base < (endOffset ?? baseOffset))
    for (const base of obsolete) {
      for (const suffix of SEGMENT_SUFFIXES) {
        fs.unlinkSync(`${directory}/${offsetFileName(base, suffix)}`)
      }
    }
    if (obsolete.length > 0 && environment.isDurable) await fs.syncDirectory(directory)
    fs.renameSync(path, `${directory}/${finalName}`)
    if (environment.isDurable) await fs.syncDirectory(directory)
    left = [...new Set([...left.filter((base) => !obsolete.includes(base)), baseOffset])].sort((a, b) => a - b)
  }
  return left
}

/** Offset after the last batch of the file; null when not all of it is batches. */
async function endOffsetOf(environment: LogEnvironment, path: string, baseOffset: number): Promise<number | null> {
  const { files, fs, pool } = environment
  const sizeBytes = fs.statSync(path)?.sizeBytes ?? 0
  if (sizeBytes === 0) return baseOffset
  const nothing = () => false
  const scan = new SegmentScan({
    ...{ baseOffset, fromPosition: 0, sizeBytes, checksums: true },
    ...{ wantsWhole: nothing, visit: nothing },
  })
  const file = new LazyFile(path, 'read')
  try {
    pool.give(await readRanges(scan, file, files, pool))
  } finally {
    files.close(file)
  }
  return scan.fault === null ? scan.endOffset : null
}
