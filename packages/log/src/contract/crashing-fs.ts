import type { FileHandle, Fs } from '@odradek/core'
import { FsError } from '../fs/memory-fs.ts'

/** A file system on which the process dies in the middle: from the chosen change on, nothing reaches the disk. */
export class CrashingFs implements Fs {
  /** Changes that are still let through. */
  changesLeft = Number.POSITIVE_INFINITY
  private readonly fs: Fs

  constructor(fs: Fs) {
    this.fs = fs
  }

  get isDead(): boolean {
    return this.changesLeft < 0
  }

  openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle {
    if (mode !== 'read' && this.fs.statSync(path) === null) this.change('open', path)
    else this.check('open', path)
    return this.wrap(this.fs.openSync(path, mode))
  }

  mkdirSync(path: string): void {
    this.check('mkdir', path)
    this.fs.mkdirSync(path)
  }

  readdirSync(path: string): readonly string[] {
    this.check('readdir', path)
    return this.fs.readdirSync(path)
  }

  statSync(path: string) {
    return this.fs.statSync(path)
  }

  readFileSync(path: string): Uint8Array | null {
    return this.fs.readFileSync(path)
  }

  renameSync(from: string, to: string): void {
    this.change('rename', from)
    this.fs.renameSync(from, to)
  }

  unlinkSync(path: string): void {
    if (this.fs.statSync(path) === null) return
    this.change('unlink', path)
    this.fs.unlinkSync(path)
  }

  async unlink(path: string): Promise<void> {
    this.change('unlink', path)
    await this.fs.unlink(path)
  }

  async removeDirectory(path: string): Promise<void> {
    this.change('rmdir', path)
    await this.fs.removeDirectory(path)
  }

  async syncDirectory(path: string): Promise<void> {
    this.change('fsync', path)
    await this.fs.syncDirectory(path)
  }

  lock(path: string) {
    return this.fs.lock(path)
  }

  private change(operation: string, path: string): void {
    this.changesLeft--
    this.check(operation, path)
  }

  private check(operation: string, path: string): void {
    if (this.isDead) throw new FsError('EIO', operation, path)
  }

  private wrap(handle: FileHandle): FileHandle {
    const { path } = handle
    return {
      path,
      size: () => handle.size(),
      readSync: (target, at, length, position) => {
        this.check('read', path)
        return handle.readSync(target, at, length, position)
      },
      read: async (target, at, length, position) => {
        this.check('read', path)
        return handle.read(target, at, length, position)
      },
      writeSync: (buffers, position) => {
        this.change('write', path)
        return handle.writeSync(buffers, position)
      },
      datasync: async () => {
        this.change('fdatasync', path)
        await handle.datasync()
      },
      truncateSync: (size) => {
        this.change('ftruncate', path)
        handle.truncateSync(size)
      },
      closeSync: () => handle.closeSync(),
    }
  }
}
