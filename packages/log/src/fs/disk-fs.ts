import * as fs from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { FileHandle, FileStat, Fs, FsLock, FsSpace } from '@odradek/core'
import { errorCode } from '../storage-error.ts'
import { DirectoryFlushes } from './directory-flushes.ts'

const OPEN_FLAGS = {
  read: fs.constants.O_RDONLY,
  append: fs.constants.O_RDWR | fs.constants.O_CREAT,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC,
} as const

/** Codes by which systems say that a directory cannot be opened or flushed (Windows, some network file systems), or need not be. */
const NO_DIRECTORY_FLUSH = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP', 'ENOSYS', 'EBADF', 'EROFS'])

class DiskFile implements FileHandle {
  readonly path: string
  private readonly descriptor: number

  constructor(path: string, descriptor: number) {
    this.path = path
    this.descriptor = descriptor
  }

  size(): number {
    return fs.fstatSync(this.descriptor).size
  }

  readSync(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    let total = 0
    while (total < length) {
      const count = fs.readSync(this.descriptor, target, targetOffset + total, length - total, position + total)
      if (count === 0) break
      total += count
    }
    return total
  }

  async read(target: Uint8Array, targetOffset: number, length: number, position: number): Promise<number> {
    let total = 0
    while (total < length) {
      const count = await this.readOnce(target, targetOffset + total, length - total, position + total)
      if (count === 0) break
      total += count
    }
    return total
  }

  writeSync(buffers: readonly Uint8Array[], position: number): number {
    const only = buffers[0]
    if (only === undefined) return 0
    if (buffers.length === 1) return fs.writeSync(this.descriptor, only, 0, only.length, position)
    return fs.writevSync(this.descriptor, buffers, position)
  }

  datasync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.descriptor, (error) => (error === null ? resolve() : reject(error)))
    })
  }

  truncateSync(size: number): void {
    fs.ftruncateSync(this.descriptor, size)
  }

  closeSync(): void {
    fs.closeSync(this.descriptor)
  }

  private readOnce(target: Uint8Array, at: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.descriptor, target, at, length, position, (error, count) =>
        error === null ? resolve(count) : reject(error),
      )
    })
  }
}

/** The disk. The only place that touches node:fs; what differs between operating systems is settled here. */
export class DiskFs implements Fs {
  private readonly directoryFlushes = new DirectoryFlushes(flushDirectory)

  openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle {
    return new DiskFile(path, fs.openSync(path, OPEN_FLAGS[mode], 0o644))
  }

  /** Parent by parent: Node's own recursion never ends where a parent is there and yet says that it is not, as in /proc. */
  mkdirSync(path: string, isPrivate = false): void {
    if (this.statSync(path)?.isDirectory) return
    const parent = dirname(path)
    if (parent !== path) this.mkdirSync(parent, isPrivate)
    try {
      fs.mkdirSync(path, isPrivate ? 0o700 : 0o777)
    } catch (error) {
      if (!this.statSync(path)?.isDirectory) throw error
    }
  }

  readdirSync(path: string): readonly string[] {
    try {
      return fs.readdirSync(path).sort()
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return []
      throw error
    }
  }

  statSync(path: string): FileStat | null {
    const stat = fs.statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return null
    return { isDirectory: stat.isDirectory(), sizeBytes: stat.size, modifiedMs: stat.mtimeMs, mode: stat.mode & 0o777 }
  }

  spaceSync(path: string): FsSpace {
    const { bsize, blocks, bavail } = fs.statfsSync(path)
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail }
  }

  readFileSync(path: string): Uint8Array | null {
    try {
      return fs.readFileSync(path)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null
      throw error
    }
  }

  renameSync(from: string, to: string): void {
    fs.renameSync(from, to)
  }

  unlinkSync(path: string): void {
    try {
      fs.unlinkSync(path)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
  }

  async unlink(path: string): Promise<void> {
    try {
      await fs.promises.unlink(path)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
  }

  /** File by file on another thread: one recursive call would hold a pool thread for as long as the largest topic takes. */
  async removeDirectory(path: string): Promise<void> {
    for (const name of this.readdirSync(path)) {
      const child = `${path}/${name}`
      if (this.statSync(child)?.isDirectory === true) await this.removeDirectory(child)
      else await this.unlink(child)
    }
    try {
      await fs.promises.rmdir(path)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
  }

  syncDirectory(path: string): Promise<void> {
    return this.directoryFlushes.flush(path)
  }

  realPathSync(path: string): string {
    if (fs.existsSync(path)) return resolve(realDirectory(path))
    const parent = dirname(path)
    return parent === path ? resolve(path) : join(this.realPathSync(parent), basename(path))
  }

  lock(path: string): FsLock | null {
    this.mkdirSync(dirname(path))
    // A directory may be named in several ways, and is still one.
    return acquireLock(`${realDirectory(dirname(path))}/${basename(path)}`)
  }

  lockHolder(path: string): number | null {
    const stat = fs.statSync(path, { throwIfNoEntry: false, bigint: true })
    if (stat === undefined) return null
    try {
      return holderIn(fs.readFileSync('/proc/locks', 'latin1'), stat.ino)
    } catch {
      return null
    }
  }
}

/** Opened and closed in place: each way to another thread would cost more than they do. */
function flushDirectory(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let descriptor = -1
    const end = (error: Error | null): void => {
      if (descriptor >= 0) fs.closeSync(descriptor)
      if (error === null || NO_DIRECTORY_FLUSH.has(errorCode(error) ?? '')) resolve()
      else reject(error)
    }
    try {
      descriptor = fs.openSync(path, fs.constants.O_RDONLY)
      fs.fsync(descriptor, end)
    } catch (error) {
      end(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

/**
 * Who holds a lock on the file with this number, by Linux's list of locks. The list names devices too, but on layered file
 * systems not by the number that the file itself tells.
 */
function holderIn(locks: string, inode: bigint): number | null {
  for (const line of locks.split('\n')) {
    const [, , , , processId, file] = line.trim().split(/\s+/)
    if (file?.split(':')[2] === String(inode)) return Number(processId)
  }
  return null
}

/** Paths locked by this process: its own process id says nothing where there is no /proc to tell two starts apart. */
const locksHeld = new Set<string>()

/** What the kernel tells of a process, from the third field on; empty where that cannot be known. */
function kernelFieldsOf(processId: number): readonly string[] {
  try {
    const stat = fs.readFileSync(`/proc/${processId}/stat`, 'latin1')
    // The second field is the program's name in parentheses and may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

/**
 * When a process started, in the kernel's own unit, or '' where that cannot be known. Tells a new process from a dead
 * one that had the same id: in a container both are number 1.
 */
function startTimeOf(processId: number): string {
  return kernelFieldsOf(processId)[19] ?? ''
}

function isAlive(processId: number): boolean {
  // Dead, and nobody has asked yet how it ended: in a container without an init that may stay so for good.
  if (kernelFieldsOf(processId)[0] === 'Z') return false
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

/** Whether the process that wrote this lock file still runs. */
function isHeld(path: string, content: string): boolean {
  const [id = '', startTime = ''] = content.trim().split(' ')
  const processId = Number(id)
  if (!Number.isSafeInteger(processId) || processId <= 0) return false
  if (processId === process.pid) return locksHeld.has(path)
  return isAlive(processId) && startTimeOf(processId) === startTime
}

/** Node has no flock: the file's existence is the lock, what it holds tells whether its maker is dead. */
function acquireLock(path: string): FsLock | null {
  // Most often there is nothing to fight over; then nothing is written into somebody else's directory.
  if (isLocked(path)) return null
  const mine = `${path}.${process.pid}`
  try {
    fs.writeFileSync(mine, `${process.pid} ${startTimeOf(process.pid)}\n`)
    if (!linkLock(mine, path) && !(removeStaleLock(path) && linkLock(mine, path))) return null
  } finally {
    // A full disk may have let it be made, but not written; a directory that takes no files has none.
    fs.rmSync(mine, { force: true })
  }
  locksHeld.add(path)
  return {
    release() {
      if (!locksHeld.delete(path)) return
      fs.unlinkSync(path)
    },
  }
}

function isLocked(path: string): boolean {
  try {
    return isHeld(path, fs.readFileSync(path, 'latin1'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

/** Linking is atomic and, unlike an exclusive create, never shows another process an empty lock file. */
function linkLock(from: string, path: string): boolean {
  try {
    fs.linkSync(from, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Moves a dead process's lock out of the way; what was moved is looked at again, since another may have been as quick. */
function removeStaleLock(path: string): boolean {
  if (isHeld(path, fs.readFileSync(path, 'latin1'))) return false
  const moved = `${path}.${process.pid}.stale`
  fs.renameSync(path, moved)
  const held = isHeld(path, fs.readFileSync(moved, 'latin1'))
  if (held) linkLock(moved, path)
  fs.unlinkSync(moved)
  return !held
}

/** One name for all names of a directory; its own where that one would lead elsewhere, as out of another root (/proc/PID/root). */
function realDirectory(path: string): string {
  try {
    // Not Node's own, which takes `link/..` for where the link is.
    const real = fs.realpathSync.native(path)
    const [given, found] = [fs.statSync(path), fs.statSync(real)]
    return given.ino === found.ino && given.dev === found.dev ? real : path
  } catch {
    return path
  }
}
