import type { Fs } from '@odradek/core'
import { isMoveMark } from '../directories/move-markers.ts'
import {
  baseOffsetOfName,
  CLEANER_OFFSETS_NAME,
  identityOfDirectory,
  LEADER_EPOCHS_NAME,
  LOG_START_OFFSETS_NAME,
  PARTITION_METADATA_NAME,
  RECOVERY_POINTS_NAME,
  SWAP_SUFFIX,
} from '../file-names.ts'

/** Whose text is taken in the turn of the cut, since it is replaced as a whole. */
const CHECKPOINTS = [RECOVERY_POINTS_NAME, LOG_START_OFFSETS_NAME, CLEANER_OFFSETS_NAME]
/** Replaced as a whole too, but there are many: they are held, and read later. */
const SMALL_FILES = [PARTITION_METADATA_NAME, LEADER_EPOCHS_NAME]

/** What a data directory held at one moment. */
export interface DirectoryCut {
  readonly directory: string
  /** Names of the directories of partitions. */
  readonly partitions: readonly string[]
  /** Relative to the directory; of a log's file only the first `sizeBytes` belong to the cut. */
  readonly logs: readonly { readonly path: string; readonly sizeBytes: number }[]
  readonly smallFiles: readonly string[]
  readonly texts: readonly { readonly path: string; readonly bytes: Uint8Array }[]
}

/**
 * All logs as they stand in this turn of the event loop. Batches are written whole within a turn, so what is written now
 * is what a start would find if the process died now; nothing that anybody has been told rests on bytes beyond it.
 * Indexes and snapshots are left out: a start makes them anew.
 */
export function cutDirectory(fs: Fs, directory: string, otherFiles: readonly string[]): DirectoryCut {
  const logs: { path: string; sizeBytes: number }[] = []
  const smallFiles: string[] = []
  const texts: { path: string; bytes: Uint8Array }[] = []
  const names = fs.readdirSync(directory)
  const partitions = names.filter((name) => identityOfDirectory(name) !== null)
  for (const partition of partitions) {
    for (const name of fs.readdirSync(`${directory}/${partition}`)) {
      const path = `${partition}/${name}`
      if (SMALL_FILES.includes(name)) smallFiles.push(path)
      if (!isLog(name)) continue
      logs.push({ path, sizeBytes: fs.statSync(`${directory}/${path}`)?.sizeBytes ?? 0 })
    }
  }
  // Without its marks the copy of a move would be taken for the log.
  for (const name of [...CHECKPOINTS, ...names.filter(isMoveMark), ...otherFiles]) {
    const bytes = fs.readFileSync(`${directory}/${name}`)
    if (bytes !== null) texts.push({ path: name, bytes })
  }
  return { directory, partitions, logs, smallFiles, texts }
}

/** A swap file stands for segments that may be gone already: the start that finds it ends the compaction. */
function isLog(name: string): boolean {
  const logName = name.endsWith(SWAP_SUFFIX) ? name.slice(0, -SWAP_SUFFIX.length) : name
  return baseOffsetOfName(logName) !== null
}
