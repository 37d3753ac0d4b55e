import type { Fs } from '@odradek/core'
import { checkpointFileName, checkpointOfName, TEMPORARY_SUFFIX } from './file-names.ts'
import { ShortWriteError } from './storage-error.ts'

/** What a checkpoint stands for: all records of its log below an offset. (KIP-630) */
export interface CheckpointId {
  readonly endOffset: number
  /** Of the last of these records. */
  readonly leaderEpoch: number
}

/** A checkpoint in its file. */
export interface StoredCheckpoint extends CheckpointId {
  readonly path: string
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly madeMs: number
}

/** Files beside a log that say what its records came to, so that the records themselves may go. What is in them is their owner's. */
export interface LogCheckpoints {
  /** Oldest first. */
  list(): readonly StoredCheckpoint[]
  /** Null: it is gone. */
  read(id: CheckpointId): Uint8Array | null
  /** On the device, name and all, when it resolves; on failure nothing is left. */
  write(id: CheckpointId, parts: AsyncIterable<Uint8Array>): Promise<void>
  remove(id: CheckpointId): void
}

/** Those of a partition whose files lie in `directory`. */
export function logCheckpoints(fs: Fs, directory: string): LogCheckpoints {
  const pathOf = (id: CheckpointId): string => `${directory}/${checkpointFileName(id)}`
  return {
    list: () => storedCheckpoints(fs, directory),
    read: (id) => fs.readFileSync(pathOf(id)),
    write: (id, parts) => writeDurably(fs, directory, pathOf(id), parts),
    remove: (id) => fs.unlinkSync(pathOf(id)),
  }
}

/** Oldest first. */
export function storedCheckpoints(fs: Fs, directory: string): readonly StoredCheckpoint[] {
  const found = fs.readdirSync(directory).flatMap((name): StoredCheckpoint[] => {
    const id = checkpointOfName(name)
    const path = `${directory}/${name}`
    const stat = id === null ? null : fs.statSync(path)
    if (id === null || stat === null) return []
    return [{ ...id, path, sizeBytes: stat.sizeBytes, madeMs: stat.modifiedMs }]
  })
  return found.sort((a, b) => a.endOffset - b.endOffset || a.leaderEpoch - b.leaderEpoch)
}

async function writeDurably(fs: Fs, directory: string, path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}${TEMPORARY_SUFFIX}`
  const handle = fs.openSync(temporary, 'create')
  try {
    let position = 0
    for await (const part of parts) {
      const written = handle.writeSync([part], position)
      if (written !== part.byteLength) throw new ShortWriteError(path, written, part.byteLength)
      position += written
    }
    await handle.datasync()
  } catch (error) {
    handle.closeSync()
    fs.unlinkSync(temporary)
    throw error
  }
  handle.closeSync()
  fs.renameSync(temporary, path)
  await fs.syncDirectory(directory)
}
