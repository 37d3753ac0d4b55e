import { assert, type FileHandle, type FileStat, type Fs, type FsLock, type FsSpace } from '@odradek/core'
import { DELETED_SUFFIX } from '../file-names.ts'

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
  private readonly held = new Map<string, HeldFile>()
  private readonly doomed: (() => Promise<void>)[] = []

  constructor(inner: Fs) {
    this.inner = inner
  }

  /** One hold at a time. */
  hold(paths: readonly string[]): FileHold {
    assert(this.held.size === 0, 'one backup at a time')
    const files = new Map(paths.map((path) => [path, { path }]))
    for (const [path, file] of files) this.held.set(path, file)
    return {
      pathOf: (path) => files.get(path)?.path ?? path,
      release: () => {
        this.held.clear()
        for (const remove of this.doomed.splice(0)) remove().catch(() => {})
      },
    }
  }

  renameSync(from: string, to: string): void {
    if (this.held.has(to)) this.moveAside(to)
    this.inner.renameSync(from, to)
    if (this.held.size === 0) return
    this.follow(from, to)
    for (const path of [...this.held.keys()]) {
      if (path.startsWith(`${from}/`)) this.follow(path, `${to}${path.slice(from.length)}`)
    }
  }

  unlinkSync(path: string): void {
    if (this.held.has(path)) this.moveAside(path)
    else this.inner.unlinkSync(path)
  }

  async unlink(path: string): Promise<void> {
    if (this.held.has(path)) this.moveAside(path)
    else await this.inner.unlink(path)
  }

  async removeDirectory(path: string): Promise<void> {
    for (const held of this.held.keys()) {
      if (!held.startsWith(`${path}/`)) continue
      this.doomed.push(() => this.inner.removeDirectory(path))
      return
    }
    await this.inner.removeDirectory(path)
  }

  openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle {
    return this.inner.openSync(path, mode)
  }

  mkdirSync(path: string): void {
    this.inner.mkdirSync(path)
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

  lock(path: string): FsLock | null {
    return this.inner.lock(path)
  }

  /** Another file may come to have this name: only a name of its own can be removed later. */
  private moveAside(path: string): void {
    let name = `${path}${DELETED_SUFFIX}`
    for (let count = 1; this.inner.statSync(name) !== null; count++) name = `${path}.${count}${DELETED_SUFFIX}`
    this.inner.renameSync(path, name)
    this.follow(path, name)
    const file = this.held.get(name)
    this.doomed.push(() => this.inner.unlink(file?.path ?? name))
  }

  private follow(from: string, to: string): void {
    const file = this.held.get(from)
    if (file === undefined) return
    file.path = to
    this.held.delete(from)
    this.held.set(to, file)
  }
}
