import type { FileHandle, Fs } from '@odradek/core'
import { isOutOfFiles } from '../storage-error.ts'

/** A file that is opened when it is used and may be closed between uses. */
export class LazyFile {
  path: string
  mode: 'read' | 'append'
  handle: FileHandle | null = null
  /** Uses that end later (a flush, a read on another thread): such a file stays open. */
  pins = 0

  constructor(path: string, mode: 'read' | 'append') {
    this.path = path
    this.mode = mode
  }
}

/** Keeps the number of open files bounded over all partitions: the ones used longest ago are closed first. */
export class OpenFiles {
  readonly fs: Fs
  private readonly filesMax: number
  /** In order of last use, oldest first. */
  private readonly open = new Set<LazyFile>()
  private newest: LazyFile | null = null

  constructor(fs: Fs, filesMax: number) {
    this.fs = fs
    this.filesMax = filesMax
  }

  get count(): number {
    return this.open.size
  }

  /** The open file, for use within this turn; `pin` it for longer. */
  use(file: LazyFile): FileHandle {
    if (file !== this.newest) {
      this.open.delete(file)
      this.open.add(file)
      this.newest = file
    }
    if (file.handle !== null) return file.handle
    if (this.open.size > this.filesMax) this.closeOldest(this.open.size - this.filesMax)
    try {
      file.handle = this.fs.openSync(file.path, file.mode)
    } catch (error) {
      this.forget(file)
      if (!isOutOfFiles(error) || this.closeOldest(Math.ceil(this.open.size / 4)) === 0) throw error
      file.handle = this.fs.openSync(file.path, file.mode)
      this.open.add(file)
    }
    return file.handle
  }

  pin(file: LazyFile): FileHandle {
    const handle = this.use(file)
    file.pins++
    return handle
  }

  unpin(file: LazyFile): void {
    file.pins--
    if (file.pins === 0 && !this.open.has(file)) this.close(file)
  }

  /** Closes the file now, or as soon as nothing pins it. */
  close(file: LazyFile): void {
    this.forget(file)
    if (file.pins > 0 || file.handle === null) return
    const { handle } = file
    file.handle = null
    handle.closeSync()
  }

  private closeOldest(count: number): number {
    let closed = 0
    for (const file of this.open) {
      if (closed >= count) break
      if (file.pins > 0 || file.handle === null) continue
      this.close(file)
      closed++
    }
    return closed
  }

  private forget(file: LazyFile): void {
    this.open.delete(file)
    if (this.newest === file) this.newest = null
  }
}
