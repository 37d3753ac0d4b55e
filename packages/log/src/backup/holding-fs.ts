import { assert, type FileHandle, type FileStat, type Fs, type FsLock, type FsSpace } from '@odradek/core'
import { DELETED_SUFFIX } from '../file-names.ts'
import { WatchedFile } from './watched-file.ts'

/** Files that stay on the disk until they are let go, whatever the logs do meanwhile. */
export interface FileHold {
  /** Where the file that was held as `path` is now. */
  pathOf(path: string): string
  release(): void
}

interface HeldFile {
  path: string
}

/**
 * A file system in which a backup can hold files: those that retention, compaction or the deletion of a topic removes
 * are only renamed, until the hold ends. What a dead process leaves of that has names that the next start removes.
 */
export class HoldingFs implements Fs {
  private readonly inner: Fs
  /** By directory; names alone as long as nothing happens there, since there may be tens of thousands. */
  private readonly held = new Map<string, readonly string[] | Map<string, HeldFile>>()
  /** Those to which something may have happened, by the path that they had. */
  private files = new Map<string, HeldFile>()
  private readonly doomed: (() => Promise<void>)[] = []
  /** Directories in which something has changed since the watch began; null when nobody watches. */
  private touched: Set<string> | null = null
  /** Of directories that were renamed: files that were opened before go on under their old names. */
  private readonly renamed = new Map<string, string>()

  constructor(inner: Fs) {
    this.inner = inner
  }

  /** From now on `takeTouched` tells where anything has changed. */
  watch(): void {
    assert(this.touched === null, 'one backup at a time')
    this.touched = new Set()
  }

  /** Directories in which files were made, written, renamed or removed since the last call. */
  takeTouched(): ReadonlySet<string> {
    const touched = this.touched ?? new Set<string>()
    if (this.touched !== null) this.touched = new Set()
    return touched
  }

  endWatch(): void {
    this.touched = null
  }

  /** Holds files, given by directory and name. One hold at a time. */
  hold(names: ReadonlyMap<string, readonly string[]>): FileHold {
    assert(this.held.size === 0, 'one backup at a time')
    const files = new Map<string, HeldFile>()
    this.files = files
    for (const [directory, each] of names) this.held.set(directory, each)
    return {
      pathOf: (path) => files.get(path)?.path ?? path,
      release: () => {
        this.held.clear()
        for (const remove of this.doomed.splice(0)) remove().catch(() => {})
      },
    }
  }

  renameSync(from: string, to: string): void {
    if (this.isHeld(to)) this.moveAside(to)
    this.inner.renameSync(from, to)
    this.touch(from)
    this.touch(to)
    this.follow(from, to)
    const within = this.heldIn(from)
    if (within !== undefined) {
      this.held.delete(from)
      for (const [name, file] of within) this.put(`${to}/${name}`, file)
    }
    if (this.inner.statSync(to)?.isDirectory !== true) return
    this.renamed.delete(to)
    this.renamed.set(from, to)
  }

  unlinkSync(path: string): void {
    if (this.isHeld(path)) this.moveAside(path)
    else this.inner.unlinkSync(path)
    this.touch(path)
  }

  async unlink(path: string): Promise<void> {
    this.touch(path)
    if (this.isHeld(path)) this.moveAside(path)
    else await this.inner.unlink(path)
    this.touch(path)
  }

  async removeDirectory(path: string): Promise<void> {
    const remove = async () => {
      this.touch(path)
      await this.inner.removeDirectory(path)
      this.touch(path)
      for (const [from, to] of this.renamed) if (to === path) this.renamed.delete(from)
    }
    if ((this.heldIn(path)?.size ?? 0) > 0) this.doomed.push(remove)
    else await remove()
  }

  openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle {
    const handle = this.inner.openSync(path, mode)
    if (mode === 'read') return handle
    this.touch(path)
    return new WatchedFile(handle, (changing) => this.touch(changing))
  }

  mkdirSync(path: string, isPrivate?: boolean): void {
    this.inner.mkdirSync(path, isPrivate)
    this.touch(path)
  }

  readdirSync(path: string): readonly string[] {
    return this.inner.readdirSync(path)
  }

  statSync(path: string): FileStat | null {
    return this.inner.statSync(path)
  }

  spaceSync(path: string): FsSpace {
    return this.inner.spaceSync(path)
  }

  readFileSync(path: string): Uint8Array | null {
    return this.inner.readFileSync(path)
  }

  syncDirectory(path: string): Promise<void> {
    return this.inner.syncDirectory(path)
  }

  realPathSync(path: string): string {
    return this.inner.realPathSync(path)
  }

  lock(path: string): FsLock | null {
    return this.inner.lock(path)
  }

  private touch(path: string): void {
    if (this.touched === null) return
    let directory: string | undefined = directoryOf(path)
    for (; directory !== undefined; directory = this.renamed.get(directory)) this.touched.add(directory)
  }

  private isHeld(path: string): boolean {
    return this.held.size > 0 && this.heldIn(directoryOf(path))?.has(nameOf(path)) === true
  }

  private heldIn(directory: string): Map<string, HeldFile> | undefined {
    const within = this.held.get(directory)
    if (within === undefined || within instanceof Map) return within
    const files = new Map(within.map((name) => [name, { path: `${directory}/${name}` }]))
    for (const file of files.values()) this.files.set(file.path, file)
    this.held.set(directory, files)
    return files
  }

  private put(path: string, file: HeldFile): void {
    file.path = path
    const directory = directoryOf(path)
    const within = this.heldIn(directory)
    if (within === undefined) this.held.set(directory, new Map([[nameOf(path), file]]))
    else within.set(nameOf(path), file)
  }

  /** Another file may come to have this name: only a name of its own can be removed later. */
  private moveAside(path: string): void {
    let name = `${path}${DELETED_SUFFIX}`
    for (let count = 1; this.inner.statSync(name) !== null; count++) name = `${path}.${count}${DELETED_SUFFIX}`
    this.inner.renameSync(path, name)
    this.follow(path, name)
    const file = this.heldIn(directoryOf(name))?.get(nameOf(name))
    this.doomed.push(() => this.inner.unlink(file?.path ?? name))
  }

  private follow(from: string, to: string): void {
    if (this.held.size === 0) return
    const within = this.heldIn(directoryOf(from))
    const file = within?.get(nameOf(from))
    if (within === undefined || file === undefined) return
    within.delete(nameOf(from))
    this.put(to, file)
  }
}

const directoryOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
