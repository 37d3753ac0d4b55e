import type { FileHandle, FileStat, Fs, FsLock, FsSpace } from '@odradek/core'
import { type MemoryBudget, MemoryFile } from './memory-file.ts'

/** An operating system's error, as the disk would raise it. */
export class FsError extends Error {
  override readonly name = 'FsError'
  readonly code: string

  constructor(code: string, operation: string, path: string) {
    super(`${code}: ${operation} '${path}'`)
    this.code = code
  }
}

export interface MemoryFsOptions {
  /** All files together; past it a write is cut short, then fails with ENOSPC, as on a full disk. */
  readonly bytesMax?: number
  /** Time of a file's last change, milliseconds since 1970. */
  readonly now?: () => number
}

interface Directory {
  readonly names: Map<string, Directory | MemoryFile>
}

class MemoryHandle implements FileHandle {
  readonly path: string
  private readonly file: MemoryFile
  private readonly writable: boolean
  private readonly now: () => number
  private closed = false

  constructor(path: string, file: MemoryFile, writable: boolean, now: () => number) {
    this.path = path
    this.file = file
    this.writable = writable
    this.now = now
  }

  size(): number {
    return this.open('fstat').sizeBytes
  }

  readSync(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    return this.open('read').read(target, targetOffset, length, position)
  }

  async read(target: Uint8Array, targetOffset: number, length: number, position: number): Promise<number> {
    return this.readSync(target, targetOffset, length, position)
  }

  writeSync(buffers: readonly Uint8Array[], position: number): number {
    const file = this.open('write')
    if (!this.writable) throw new FsError('EBADF', 'write', this.path)
    let total = 0
    for (const buffer of buffers) {
      const count = file.write(buffer, position + total)
      total += count
      if (count < buffer.byteLength) break
    }
    if (total === 0 && buffers.some((buffer) => buffer.byteLength > 0)) throw new FsError('ENOSPC', 'write', this.path)
    file.modifiedMs = this.now()
    return total
  }

  async datasync(): Promise<void> {
    this.open('fdatasync')
  }

  truncateSync(size: number): void {
    this.open('ftruncate').truncate(size)
  }

  closeSync(): void {
    this.open('close')
    this.closed = true
  }

  private open(operation: string): MemoryFile {
    if (this.closed) throw new FsError('EBADF', operation, this.path)
    return this.file
  }
}

/** A file system in memory: where the memory engine keeps its logs. */
export class MemoryFs implements Fs {
  readonly budget: MemoryBudget
  private readonly now: () => number
  private readonly root: Directory = emptyDirectory()
  private readonly locks = new Set<string>()

  constructor(options: MemoryFsOptions = {}) {
    this.budget = { bytesMax: options.bytesMax ?? Number.POSITIVE_INFINITY, usedBytes: 0 }
    this.now = options.now ?? (() => 0)
  }

  openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle {
    const [directory, name] = this.parent(path, 'open')
    let file = directory.names.get(name)
    if (file === undefined) {
      if (mode === 'read') throw new FsError('ENOENT', 'open', path)
      file = new MemoryFile(this.budget)
      file.modifiedMs = this.now()
      directory.names.set(name, file)
    }
    if (!(file instanceof MemoryFile)) throw new FsError('EISDIR', 'open', path)
    if (mode === 'create') file.truncate(0)
    return new MemoryHandle(path, file, mode !== 'read', this.now)
  }

  mkdirSync(path: string): void {
    let directory = this.root
    for (const name of segments(path)) {
      let next = directory.names.get(name)
      if (next === undefined) {
        next = emptyDirectory()
        directory.names.set(name, next)
      }
      if (next instanceof MemoryFile) throw new FsError('EEXIST', 'mkdir', path)
      directory = next
    }
  }

  readdirSync(path: string): readonly string[] {
    const directory = this.find(path)
    if (directory === undefined) return []
    if (directory instanceof MemoryFile) throw new FsError('ENOTDIR', 'scandir', path)
    return [...directory.names.keys()].sort()
  }

  statSync(path: string): FileStat | null {
    const found = this.find(path)
    if (found === undefined) return null
    if (!(found instanceof MemoryFile)) return { isDirectory: true, sizeBytes: 0, modifiedMs: 0 }
    return { isDirectory: false, sizeBytes: found.sizeBytes, modifiedMs: found.modifiedMs }
  }

  spaceSync(path: string): FsSpace {
    if (this.find(path) === undefined) throw new FsError('ENOENT', 'statfs', path)
    const { bytesMax, usedBytes } = this.budget
    const totalBytes = Math.min(bytesMax, Number.MAX_SAFE_INTEGER)
    return { totalBytes, usableBytes: Math.max(0, totalBytes - usedBytes) }
  }

  readFileSync(path: string): Uint8Array | null {
    const file = this.find(path)
    if (file === undefined) return null
    if (!(file instanceof MemoryFile)) throw new FsError('EISDIR', 'read', path)
    const bytes = Buffer.allocUnsafeSlow(file.sizeBytes)
    file.read(bytes, 0, bytes.byteLength, 0)
    return bytes
  }

  renameSync(from: string, to: string): void {
    const [source, name] = this.parent(from, 'rename')
    const moved = source.names.get(name)
    if (moved === undefined) throw new FsError('ENOENT', 'rename', from)
    const [target, targetName] = this.parent(to, 'rename')
    source.names.delete(name)
    this.release(target.names.get(targetName))
    target.names.set(targetName, moved)
  }

  unlinkSync(path: string): void {
    if (this.find(path) === undefined) return
    const [directory, name] = this.parent(path, 'unlink')
    const file = directory.names.get(name)
    if (file !== undefined && !(file instanceof MemoryFile)) throw new FsError('EISDIR', 'unlink', path)
    directory.names.delete(name)
    this.release(file)
  }

  async unlink(path: string): Promise<void> {
    this.unlinkSync(path)
  }

  async removeDirectory(path: string): Promise<void> {
    const found = this.find(path)
    if (found === undefined) return
    const [parent, name] = this.parent(path, 'rmdir')
    parent.names.delete(name)
    this.release(found)
  }

  async syncDirectory(path: string): Promise<void> {
    const directory = this.find(path)
    if (directory === undefined || directory instanceof MemoryFile) throw new FsError('ENOENT', 'fsync', path)
  }

  realPathSync(path: string): string {
    return path.replace(/(.)\/+$/, '$1')
  }

  lock(path: string): FsLock | null {
    if (this.locks.has(path)) return null
    this.locks.add(path)
    return { release: () => void this.locks.delete(path) }
  }

  private parent(path: string, operation: string): [Directory, string] {
    const names = segments(path)
    const name = names.pop()
    const directory = this.walk(names)
    if (name === undefined || directory === undefined || directory instanceof MemoryFile) {
      throw new FsError('ENOENT', operation, path)
    }
    return [directory, name]
  }

  private find(path: string): Directory | MemoryFile | undefined {
    return this.walk(segments(path))
  }

  private walk(names: readonly string[]): Directory | MemoryFile | undefined {
    let found: Directory | MemoryFile | undefined = this.root
    for (const name of names) {
      if (found === undefined || found instanceof MemoryFile) return undefined
      found = found.names.get(name)
    }
    return found
  }

  /** Memory of a file without a name is given back. */
  private release(removed: Directory | MemoryFile | undefined): void {
    if (removed === undefined) return
    if (removed instanceof MemoryFile) removed.free()
    else for (const child of removed.names.values()) this.release(child)
  }
}

function emptyDirectory(): Directory {
  return { names: new Map() }
}

function segments(path: string): string[] {
  return path.split(/[/\\]/).filter((name) => name !== '' && name !== '.')
}
