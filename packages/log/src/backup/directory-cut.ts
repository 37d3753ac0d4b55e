import type { Fs } from '@odradek/core'
import { isMoveMark } from '../directories/move-markers.ts'
import {
  baseOffsetOfName,
  CLEANER_OFFSETS_NAME,
  checkpointOfName,
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
  /** What must stay while it is copied: names by the directory's path. */
  readonly names: ReadonlyMap<string, readonly string[]>
  readonly texts: readonly { readonly path: string; readonly bytes: Uint8Array }[]
}

interface PartitionFiles {
  readonly names: readonly string[]
  readonly logs: readonly { readonly path: string; readonly sizeBytes: number }[]
  readonly smallFiles: readonly string[]
}

/** Partitions looked at before other work gets its turn. */
const PARTITIONS_PER_TURN = 50

/**
 * Finds what a data directory holds, in two steps, so that thousands of partitions hold nobody up: all of it over many
 * turns, and then, in the turn of the cut, again what has changed meanwhile.
 */
export class DirectoryScan {
  private readonly fs: Fs
  private readonly directory: string
  private readonly otherFiles: readonly string[]
  private readonly partitions = new Map<string, PartitionFiles>()

  constructor(fs: Fs, directory: string, otherFiles: readonly string[]) {
    this.fs = fs
    this.directory = directory
    this.otherFiles = otherFiles
  }

  /** `turn` resolves when other work has had its turn. */
  async look(turn: () => Promise<void>): Promise<void> {
    const names = this.fs.readdirSync(this.directory).filter((name) => identityOfDirectory(name) !== null)
    for (const [index, name] of names.entries()) {
      if (index % PARTITIONS_PER_TURN === 0) await turn()
      this.partitions.set(name, this.filesOf(name))
    }
  }

  /** Looks again where something has changed, all within this turn. */
  update(touched: ReadonlySet<string>): void {
    if (touched.has(this.directory)) {
      const names = new Set(this.fs.readdirSync(this.directory).filter((name) => identityOfDirectory(name) !== null))
      for (const name of this.partitions.keys()) if (!names.has(name)) this.partitions.delete(name)
      for (const name of names) if (!this.partitions.has(name)) this.partitions.set(name, this.filesOf(name))
    }
    for (const path of touched) {
      const name = path.slice(this.directory.length + 1)
      if (path.startsWith(`${this.directory}/`) && this.partitions.has(name)) {
        this.partitions.set(name, this.filesOf(name))
      }
    }
  }

  /**
   * All logs as they stand in this turn of the event loop. Batches are written whole within a turn, so what is written now
   * is what a start would find if the process died now; nothing that anybody has been told rests on bytes beyond it.
   * Indexes and snapshots are left out: a start makes them anew.
   */
  cut(): DirectoryCut {
    const { directory, fs } = this
    const texts: { path: string; bytes: Uint8Array }[] = []
    // Without its marks the copy of a move would be taken for the log.
    const marks = fs.readdirSync(directory).filter(isMoveMark)
    for (const name of [...CHECKPOINTS, ...marks, ...this.otherFiles]) {
      const bytes = fs.readFileSync(`${directory}/${name}`)
      if (bytes !== null) texts.push({ path: name, bytes })
    }
    const logs: { path: string; sizeBytes: number }[] = []
    const smallFiles: string[] = []
    const names = new Map<string, readonly string[]>()
    for (const [partition, files] of this.partitions) {
      for (const log of files.logs) logs.push(log)
      for (const path of files.smallFiles) smallFiles.push(path)
      names.set(`${directory}/${partition}`, files.names)
    }
    return { directory, partitions: [...this.partitions.keys()], logs, smallFiles, names, texts }
  }

  private filesOf(partition: string): PartitionFiles {
    const logs: { path: string; sizeBytes: number }[] = []
    const smallFiles: string[] = []
    const names: string[] = []
    for (const name of this.fs.readdirSync(`${this.directory}/${partition}`)) {
      const path = `${partition}/${name}`
      if (SMALL_FILES.includes(name)) smallFiles.push(path)
      else if (!isLog(name) && checkpointOfName(name) === null) continue
      else logs.push({ path, sizeBytes: this.fs.statSync(`${this.directory}/${path}`)?.sizeBytes ?? 0 })
      names.push(name)
    }
    return { logs, smallFiles, names }
  }
}

/** A swap file stands for segments that may be gone already: the start that finds it ends the compaction. */
function isLog(name: string): boolean {
  const logName = name.endsWith(SWAP_SUFFIX) ? name.slice(0, -SWAP_SUFFIX.length) : name
  return baseOffsetOfName(logName) !== null
}
