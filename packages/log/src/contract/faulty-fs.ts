import type { FileHandle, Fs } from '@odradek/core'
import { FsError } from '../fs/memory-fs.ts'

export type FaultyOperation = 'open' | 'write' | 'read' | 'datasync' | 'truncate' | 'syncDirectory'

/** What becomes of a call: null lets it through, a code fails it, a number lets so many bytes of a write through. */
export type Fault = string | number | null

interface HeldFlush {
  readonly path: string
  release(): void
}

/** A file system whose calls fail, come short or hang when a test says so. */
export class FaultyFs implements Fs {
  readonly flushes: string[] = []
  readonly held: HeldFlush[] = []
  holdsFlushes = false
  /** Asked before each call. */
  fault: (operation: FaultyOperation, path: string) => Fault = () => null
  private readonly fs: Fs

  constructor(fs: Fs) {
    this.fs = fs
  }

  openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle {
    this.check('open', path)
    return this.wrap(this.fs.openSync(path, mode))
  }

  mkdirSync(path: string): void {
    this.fs.mkdirSync(path)
  }

  readdirSync(path: string): readonly string[] {
    return this.fs.readdirSync(path)
  }

  statSync(path: string) {
    return this.fs.statSync(path)
  }

  readFileSync(path: string): Uint8Array | null {
    return this.fs.readFileSync(path)
  }

  renameSync(from: string, to: string): void {
    this.fs.renameSync(from, to)
  }

  unlinkSync(path: string): void {
    this.fs.unlinkSync(path)
  }

  unlink(path: string): Promise<void> {
    return this.fs.unlink(path)
  }

  removeDirectory(path: string): Promise<void> {
    return this.fs.removeDirectory(path)
  }

  async syncDirectory(path: string): Promise<void> {
    this.check('syncDirectory', path)
    await this.fs.syncDirectory(path)
  }

  lock(path: string) {
    return this.fs.lock(path)
  }

  releaseFlushes(): void {
    for (const flush of this.held.splice(0)) flush.release()
  }

  private check(operation: FaultyOperation, path: string): number | null {
    const fault = this.fault(operation, path)
    if (typeof fault === 'string') throw new FsError(fault, operation, path)
    return fault
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
        const bytesMax = this.check('write', path)
        if (bytesMax === null) return handle.writeSync(buffers, position)
        return handle.writeSync([Buffer.concat(buffers).subarray(0, bytesMax)], position)
      },
      datasync: async () => {
        this.flushes.push(path)
        if (this.holdsFlushes) await new Promise<void>((release) => this.held.push({ path, release }))
        this.check('datasync', path)
        await handle.datasync()
      },
      truncateSync: (size) => {
        this.check('truncate', path)
        handle.truncateSync(size)
      },
      closeSync: () => handle.closeSync(),
    }
  }
}
