import type { Fs } from '@odradek/core'
import { DELETED_SUFFIX, offsetFileName, SEGMENT_SUFFIXES, SNAPSHOT_SUFFIX } from './file-names.ts'
import type { LogEnvironment } from './log-environment.ts'
import type { Segment } from './segment.ts'
import { errorText } from './storage-error.ts'

/**
 * Takes the files of segments out of sight at once and deletes them later, on another thread: whoever is reading one may
 * finish, and a large file takes a while to go. A segment that begins where one of them did goes on with its
 * `keptSnapshot`: what is known of producers at an offset is the same whatever compaction takes.
 */
export function discardSegments(
  environment: Pick<LogEnvironment, 'fs' | 'files' | 'clock' | 'logger'>,
  segments: readonly Segment[],
  delayMs: number,
  keptSnapshot: number | null = null,
): void {
  const { clock, files, fs, logger } = environment
  const doomed: string[] = []
  for (const segment of segments) {
    segment.close(files)
    segment.isDirty = false
    const { log, offsetIndex, timeIndex, transactionIndex } = segment
    const lazy = [log, offsetIndex.entries.file, timeIndex.entries.file, transactionIndex.file]
    for (const suffix of SEGMENT_SUFFIXES) {
      if (suffix === SNAPSHOT_SUFFIX && segment.baseOffset === keptSnapshot) continue
      const path = `${segment.directory}/${offsetFileName(segment.baseOffset, suffix)}`
      const name = freeName(fs, path)
      // Whoever still holds the segment must not make its files anew.
      for (const file of lazy.filter((one) => one.path === path)) {
        file.path = name
        file.mode = 'read'
      }
      if (fs.statSync(path) === null) continue
      fs.renameSync(path, name)
      doomed.push(name)
    }
  }
  const unlink = (): void => {
    for (const path of doomed) {
      fs.unlink(path).catch((error: unknown) =>
        logger.warn('a file could not be deleted', { path, why: errorText(error) }),
      )
    }
  }
  if (delayMs > 0) clock.after(delayMs, unlink)
  else unlink()
}

/** A segment of the same offset may have been replaced a moment ago, and still be read. */
function freeName(fs: Fs, path: string): string {
  let name = `${path}${DELETED_SUFFIX}`
  for (let count = 1; fs.statSync(name) !== null; count++) name = `${path}.${count}${DELETED_SUFFIX}`
  return name
}
