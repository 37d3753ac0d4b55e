import { assert, type FileHandle, type Fs, type Later } from '@odradek/core'
import { isOutOfFiles } from '../storage-error.ts'
import { PiecewiseReads } from './piecewise-read.ts'

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

interface Waiting {
  readonly file: LazyFile
  readonly isWanted: () => boolean
  readonly resolve: (handle: FileHandle | null) => void
  readonly reject: (error: unknown) => void
}

/**
 * Keeps the number of open files bounded over all partitions: the ones used longest ago are closed first. Files that are
 * pinned cannot be, so there are at most half as many that are pinned for flushes and reads: a further flush waits, a further
 * read is done within its turn. What a start, a compaction or a move pins is one file each, and comes on top.
 */
export class OpenFiles {
  readonly fs: Fs
  readonly reads = new PiecewiseReads()
  private readonly filesMax: number
  /** In order of last use, oldest first. */
  private readonly open = new Set<LazyFile>()
  private newest: LazyFile | null = null
  private readonly pinnedMax: number
  /** Files, however often each is pinned. */
  private pinned = 0
  private readonly waiting: Waiting[] = []

  constructor(fs: Fs, filesMax: number) {
    this.fs = fs
    this.filesMax = filesMax
    this.pinnedMax = Math.max(1, Math.floor(filesMax / 2))
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
    if (file.pins === 0) this.pinned++
    file.pins++
    return handle
  }

  /** Whether there is room for one more. */
  canPin(file: LazyFile): boolean {
    return file.pins > 0 || this.pinned < this.pinnedMax
  }

  /** As `pin`, once there is room for it; null when it is not wanted any more by then. */
  pinSoon(file: LazyFile, isWanted: () => boolean): Later<FileHandle | null> {
    if (this.canPin(file)) return this.pin(file)
    return new Promise((resolve, reject) => this.waiting.push({ file, isWanted, resolve, reject }))
  }

  unpin(file: LazyFile): void {
    assert(file.pins > 0, 'a file is unpinned as often as it was pinned')
    file.pins--
    if (file.pins > 0) return
    this.pinned--
    if (!this.open.has(file)) this.close(file)
    this.admit()
  }

  /** Closes the file now, or as soon as nothing pins it. */
  close(file: LazyFile): void {
    this.forget(file)
    if (file.pins > 0 || file.handle === null) return
    const { handle } = file
    file.handle = null
    handle.closeSync()
  }

  private admit(): void {
    while (this.pinned < this.pinnedMax) {
      const next = this.waiting.shift()
      if (next === undefined) return
      try {
        next.resolve(next.isWanted() ? this.pin(next.file) : null)
      } catch (error) {
        next.reject(error)
      }
    }
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
