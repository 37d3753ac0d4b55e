import type { FileHandle, FileStat, Fs, FsLock, FsSpace, Prng } from '@odradek/core'
import { FsError } from '../../fs/memory-fs.ts'
import { SimDisk, type SimDiskOptions, wordsOf } from './sim-disk.ts'
import type { SimFile } from './sim-file.ts'

/** Calls that change what is on the disk; a process can die before any of them. */
type Change = 'create' | 'mkdir' | 'rename' | 'unlink' | 'rmdir' | 'write' | 'datasync' | 'truncate' | 'syncDirectory'
export type SimOperation = Change | 'open' | 'readdir' | 'readFile' | 'read' | 'space'

/**
 * What becomes of a call: null lets it through, a code fails it, a number lets so many bytes of a write through, `lie`
 * says yes and does nothing.
 */
export type Fault = string | number | null
export const LIE = 'lie'

interface HeldFlush {
  readonly path: string
  release(): void
}

/**
 * A file system that a test can break: one process's view of a simulated disk. Calls fail, come short, lie or hang as told;
 * the process dies before a chosen change; the disk loses power.
 */
export class SimFs implements Fs {
  readonly disk: SimDisk
  /** Paths of all flushes of files that were asked for. */
  readonly flushes: string[] = []
  readonly held: HeldFlush[] = []
  /** Flushes of files and directories hang until they are released. */
  holdsFlushes = false
  /** Asked before each call. */
  fault: (operation: SimOperation, path: string) => Fault = () => null
  /** Changes that are still let through; the process dies at the one after. */
  changesLeft = Number.POSITIVE_INFINITY
  /** Told how many bytes of the write that the process dies in still reach the file. */
  lastWrite: (totalBytes: number) => number = () => 0
  private powerCuts = 0

  constructor(options: SimDiskOptions | SimDisk = {}) {
    this.disk = options instanceof SimDisk ? options : new SimDisk(options)
  }

  get isDead(): boolean {
    return this.changesLeft < 0
  }

  /** The process ends; what it had written stays. A new one sees the same disk. */
  kill(): SimFs {
    this.changesLeft = -1
    this.disk.locks.clear()
    return new SimFs(this.disk)
  }

  /** Files that were open are dead; without `prng` nothing that was not flushed is left. */
  losePower(prng: Prng | null = null): void {
    this.powerCuts++
    this.disk.losePower(prng)
  }

  openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle {
    this.check('open', path)
    let file = this.disk.file(path)
    if (file === null) {
      if (mode === 'read') throw new FsError('ENOENT', 'open', path)
      this.change('create', path)
      file = this.disk.makeFile(path)
    } else if (mode === 'create' && file.sizeBytes > 0) {
      this.change('truncate', path)
      file.truncate(0)
    }
    return this.handle(path, file, mode !== 'read')
  }

  mkdirSync(path: string): void {
    const words = wordsOf(path)
    for (let count = 1; count <= words.length; count++) {
      const part = words.slice(0, count).join('/')
      if (this.disk.stat(part)?.isDirectory === true) continue
      if (this.change('mkdir', part) !== LIE) this.disk.makeDirectory(part)
    }
  }

  readdirSync(path: string): readonly string[] {
    this.check('readdir', path)
    return this.disk.names(path)
  }

  statSync(path: string): FileStat | null {
    return this.disk.stat(path)
  }

  spaceSync(path: string): FsSpace {
    this.check('space', path)
    if (this.disk.stat(path) === null) throw new FsError('ENOENT', 'statfs', path)
    const usableBytes = Math.min(this.disk.freeBytes, Number.MAX_SAFE_INTEGER)
    return { totalBytes: usableBytes, usableBytes }
  }

  readFileSync(path: string): Uint8Array | null {
    if (this.check('readFile', path) === LIE) return null
    const file = this.disk.file(path, 'read')
    return file === null ? null : Buffer.from(file.bytes)
  }

  renameSync(from: string, to: string): void {
    if (this.change('rename', from) !== LIE) this.disk.rename(from, to)
  }

  unlinkSync(path: string): void {
    if (this.disk.file(path, 'unlink') === null) return
    if (this.change('unlink', path) !== LIE) this.disk.remove(path, 'unlink')
  }

  async unlink(path: string): Promise<void> {
    this.unlinkSync(path)
  }

  async removeDirectory(path: string): Promise<void> {
    if (this.disk.stat(path) === null) return
    for (const name of this.disk.names(path)) {
      const child = `${path}/${name}`
      if (this.disk.stat(child)?.isDirectory === true) await this.removeDirectory(child)
      else await this.unlink(child)
    }
    if (this.change('rmdir', path) !== LIE) this.disk.remove(path, 'rmdir')
  }

  async syncDirectory(path: string): Promise<void> {
    const powerCuts = this.powerCuts
    const end = this.disk.beginDirectoryFlush(path)
    await this.hold(path)
    if (this.change('syncDirectory', path) !== LIE && powerCuts === this.powerCuts) end()
  }

  realPathSync(path: string): string {
    return path
  }

  lock(path: string): FsLock | null {
    const { locks } = this.disk
    if (locks.has(path)) return null
    locks.add(path)
    return { release: () => void locks.delete(path) }
  }

  /** Lets the flushes that hang now go on, or those of them that are chosen. */
  releaseFlushes(isChosen: () => boolean = () => true): void {
    for (const flush of this.held.splice(0)) {
      if (isChosen()) flush.release()
      else this.held.push(flush)
    }
  }

  private async hold(path: string): Promise<void> {
    if (this.holdsFlushes) await new Promise<void>((release) => this.held.push({ path, release }))
  }

  private change(operation: Change, path: string): Fault {
    this.changesLeft--
    return this.check(operation, path)
  }

  private check(operation: SimOperation, path: string): Fault {
    if (this.isDead) throw new FsError('EIO', operation, path)
    const fault = this.fault(operation, path)
    if (typeof fault === 'string' && fault !== LIE) throw new FsError(fault, operation, path)
    return fault
  }

  private write(path: string, file: SimFile, bytes: Buffer, position: number): number {
    const isLast = this.changesLeft === 0
    if (isLast) file.write(bytes.subarray(0, this.lastWrite(bytes.byteLength)), position)
    const fault = this.change('write', path)
    if (fault === LIE) return bytes.byteLength
    const growthBytes = Math.max(0, position + bytes.byteLength - file.sizeBytes)
    const shortBytes = Math.max(0, growthBytes - this.disk.freeBytes)
    const count = Math.min(bytes.byteLength - shortBytes, typeof fault === 'number' ? fault : bytes.byteLength)
    if (count <= 0 && shortBytes > 0) throw new FsError('ENOSPC', 'write', path)
    file.write(bytes.subarray(0, count), position)
    file.modifiedMs = this.disk.now()
    return count
  }

  private async flush(path: string, file: SimFile): Promise<void> {
    this.flushes.push(path)
    const powerCuts = this.powerCuts
    const end = file.beginFlush()
    await this.hold(path)
    try {
      if (this.change('datasync', path) !== LIE && powerCuts === this.powerCuts) end()
    } catch (error) {
      if (!this.isDead) file.failFlush()
      throw error
    }
  }

  private handle(path: string, file: SimFile, isWritable: boolean): FileHandle {
    const powerCuts = this.powerCuts
    let isClosed = false
    const open = (operation: SimOperation): void => {
      if (isClosed || powerCuts !== this.powerCuts) throw new FsError('EBADF', operation, path)
    }
    const read = (target: Uint8Array, at: number, length: number, position: number): number => {
      open('read')
      this.check('read', path)
      const bytes = file.bytes.subarray(Math.min(position, file.sizeBytes), Math.min(position + length, file.sizeBytes))
      target.set(bytes, at)
      return bytes.byteLength
    }
    return {
      path,
      size: () => file.sizeBytes,
      readSync: read,
      read: async (target, at, length, position) => read(target, at, length, position),
      writeSync: (buffers, position) => {
        open('write')
        if (!isWritable) throw new FsError('EBADF', 'write', path)
        return this.write(path, file, Buffer.concat(buffers), position)
      },
      datasync: async () => {
        open('datasync')
        await this.flush(path, file)
      },
      truncateSync: (sizeBytes) => {
        open('truncate')
        if (this.change('truncate', path) !== LIE) file.truncate(sizeBytes)
      },
      closeSync: () => {
        isClosed = true
      },
    }
  }
}
