import type { FileHandle, Fs } from '@odradek/core'
import { LOG_SUFFIX } from '../file-names.ts'
import { LazyFile, type OpenFiles } from '../fs/open-files.ts'
import { ShortWriteError } from '../storage-error.ts'
import type { SyncedBytes } from './move-markers.ts'

/** A copy of a file that still grows. */
export class FileCopy {
  /** As much of it is here. */
  position = 0
  /** As much of that is on the device. */
  syncedBytes = 0
  readonly file: LazyFile
  private readonly files: OpenFiles

  constructor(files: OpenFiles, path: string) {
    this.files = files
    this.file = new LazyFile(path, 'append')
  }

  get isDirty(): boolean {
    return this.syncedBytes < this.position
  }

  /** Bytes that follow those which are here. @throws ShortWriteError on a full disk; the rest can be written again. */
  write(bytes: Uint8Array): void {
    const written = this.files.use(this.file).writeSync([bytes], this.position)
    if (written !== bytes.byteLength) throw new ShortWriteError(this.file.path, written, bytes.byteLength)
    this.position += written
  }

  async sync(): Promise<void> {
    const { position } = this
    const handle = this.files.pin(this.file)
    try {
      await handle.datasync()
    } finally {
      this.files.unpin(this.file)
    }
    this.syncedBytes = position
  }

  close(): void {
    this.files.close(this.file)
  }
}

/** Copies a small file whole, and flushes it. False when there is none. */
export async function copyWhole(fs: Fs, from: string, to: string): Promise<boolean> {
  const bytes = fs.readFileSync(from)
  if (bytes === null) return false
  const handle = fs.openSync(to, 'create')
  try {
    const written = bytes.byteLength === 0 ? 0 : handle.writeSync([bytes], 0)
    if (written !== bytes.byteLength) throw new ShortWriteError(to, written, bytes.byteLength)
    await handle.datasync()
  } finally {
    handle.closeSync()
  }
  return true
}

const COMPARED_BYTES = 1024 * 1024

/** Whether the directory of a copy has all that the log's old files have, those apart that have been deleted since. */
export function hasAllOf(fs: Fs, copy: string, old: string, synced: SyncedBytes): boolean {
  const logNames = (directory: string) => fs.readdirSync(directory).filter((file) => file.endsWith(LOG_SUFFIX))
  const newest = logNames(copy).at(-1) ?? ''
  return logNames(old).every((file) => {
    if (fs.statSync(`${copy}/${file}`) === null && file < newest) return true
    return beginsWith(fs, `${copy}/${file}`, `${old}/${file}`, synced.get(file) ?? 0)
  })
}

/** Whether `copy` begins with all the bytes of `path`; those before `from` are known to be the same. */
function beginsWith(fs: Fs, copy: string, path: string, from: number): boolean {
  const sizeBytes = fs.statSync(path)?.sizeBytes ?? 0
  if (sizeBytes <= from) return true
  if ((fs.statSync(copy)?.sizeBytes ?? 0) < sizeBytes) return false
  const handles = [fs.openSync(path, 'read'), fs.openSync(copy, 'read')]
  try {
    for (let at = from; at < sizeBytes; at += COMPARED_BYTES) {
      const length = Math.min(COMPARED_BYTES, sizeBytes - at)
      const [left, right] = handles.map((handle) => readRange(handle, at, length))
      if (left === undefined || right === undefined || !left.equals(right)) return false
    }
    return true
  } finally {
    for (const handle of handles) handle.closeSync()
  }
}

function readRange(handle: FileHandle, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, handle.readSync(bytes, 0, length, at))
}
