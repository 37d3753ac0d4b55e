import type { FileStat, Prng } from '@odradek/core'
import { FsError } from '../../fs/memory-fs.ts'
import { SECTOR_BYTES, SimFile } from './sim-file.ts'

export interface SimDiskOptions {
  /** All files together; past it a write comes short, then fails with ENOSPC, as on a full disk. */
  readonly bytesMax?: number
  /** Time of a file's last change, milliseconds since 1970. */
  readonly now?: () => number
}

/** As fine as a file system tells one change from the next. */
const TOUCH_MS = 0.001

interface SimDirectory {
  /** When a name last changed, and a little more with each change. */
  modifiedMs: number
  readonly names: Map<string, Entry>
  readonly durable: Map<string, Entry>
}

type Entry = SimDirectory | SimFile

/** One step of the file system's journal: what becomes of names, all of them or none. */
type NameChange = readonly { readonly directory: SimDirectory; readonly name: string; readonly entry: Entry | null }[]

/** What outlives processes: files and names, with what a power cut would take of either. */
export class SimDisk {
  readonly now: () => number
  readonly locks = new Set<string>()
  private readonly bytesMax: number
  private readonly root: SimDirectory = emptyDirectory()
  /** Changes of names that no flush of their directory has made safe, oldest first. */
  private journal: NameChange[] = []

  constructor(options: SimDiskOptions = {}) {
    this.bytesMax = options.bytesMax ?? Number.POSITIVE_INFINITY
    this.now = options.now ?? (() => 0)
  }

  get freeBytes(): number {
    return this.bytesMax === Number.POSITIVE_INFINITY ? this.bytesMax : this.bytesMax - bytesIn(this.root)
  }

  file(path: string, operation = 'open'): SimFile | null {
    const found = this.find(path)
    if (found === null || found instanceof SimFile) return found
    throw new FsError('EISDIR', operation, path)
  }

  makeFile(path: string): SimFile {
    const file = new SimFile()
    file.modifiedMs = this.now()
    this.change([{ ...this.place(path, 'open'), entry: file }])
    return file
  }

  makeDirectory(path: string): void {
    if (this.find(path) !== null) throw new FsError('EEXIST', 'mkdir', path)
    this.change([{ ...this.place(path, 'mkdir'), entry: emptyDirectory() }])
  }

  names(path: string): readonly string[] {
    const directory = this.find(path)
    if (directory === null) return []
    if (directory instanceof SimFile) throw new FsError('ENOTDIR', 'scandir', path)
    return [...directory.names.keys()].sort()
  }

  stat(path: string): FileStat | null {
    const found = this.find(path)
    if (found === null) return null
    if (!(found instanceof SimFile)) return { isDirectory: true, sizeBytes: 0, modifiedMs: found.modifiedMs }
    return { isDirectory: false, sizeBytes: found.sizeBytes, modifiedMs: found.modifiedMs }
  }

  rename(from: string, to: string): void {
    const entry = this.find(from)
    if (entry === null) throw new FsError('ENOENT', 'rename', from)
    this.change([
      { ...this.place(from, 'rename'), entry: null },
      { ...this.place(to, 'rename'), entry },
    ])
  }

  /** Of a file, or of a directory with nothing in it. */
  remove(path: string, operation: string): void {
    const found = this.find(path)
    if (found !== null && !(found instanceof SimFile) && found.names.size > 0) {
      throw new FsError('ENOTEMPTY', operation, path)
    }
    if (found !== null) this.change([{ ...this.place(path, operation), entry: null }])
  }

  /** The names made, renamed or removed by now are on the device once the returned function is called. */
  beginDirectoryFlush(path: string): () => void {
    const directory = this.find(path)
    if (directory === null || directory instanceof SimFile) throw new FsError('ENOENT', 'fsync', path)
    const flushed = new Set(this.journal.filter((change) => change.some((one) => one.directory === directory)))
    return () => {
      for (const change of this.journal) if (flushed.has(change)) settle(change)
      this.journal = this.journal.filter((change) => !flushed.has(change))
    }
  }

  /**
   * Everything that is not on the device is gone, but for what `prng` draws: of the names either the first so many
   * changes, as a journal keeps them, or any.
   */
  losePower(prng: Prng | null = null): void {
    this.locks.clear()
    const isInOrder = prng !== null && prng.below(2) === 0
    const kept = prng === null ? 0 : prng.below(this.journal.length + 1)
    const share = prng === null ? 0 : prng.below(4)
    for (const [index, change] of this.journal.entries()) {
      if (isInOrder ? index < kept : prng !== null && prng.below(3) < share) settle(change)
    }
    this.journal = []
    revert(this.root, prng)
  }

  /** Changes a file's bytes behind everyone's back, on the device too; null removes it, name and all. */
  rot(path: string, change: (bytes: Buffer) => Uint8Array | null): void {
    const file = this.file(path)
    if (file === null) throw new FsError('ENOENT', 'open', path)
    const { directory, name } = this.place(path, 'open')
    const bytes = change(Buffer.from(file.bytes))
    directory.durable.set(name, file)
    if (bytes !== null) file.become(bytes)
    else for (const names of [directory.names, directory.durable]) names.delete(name)
    if (bytes === null) touch(directory, this.now())
  }

  flipBit(path: string, bit: number): void {
    this.rot(path, (bytes) => {
      const at = Math.floor(bit / 8)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8))
      return bytes
    })
  }

  /** The device wrote one sector in the place of another, and nothing in its own. */
  misdirect(path: string, sector: number, wrongSector: number): void {
    this.rot(path, (bytes) => {
      const from = sector * SECTOR_BYTES
      const written = Buffer.from(bytes.subarray(from, from + SECTOR_BYTES))
      bytes.fill(0, from, from + written.byteLength)
      written.copy(bytes, wrongSector * SECTOR_BYTES)
      return bytes
    })
  }

  private change(change: NameChange): void {
    for (const { directory, name, entry } of change) {
      put(directory.names, name, entry)
      touch(directory, this.now())
    }
    this.journal.push(change)
  }

  private place(path: string, operation: string): { directory: SimDirectory; name: string } {
    const words = wordsOf(path)
    const name = words.pop()
    const directory = this.walk(words)
    if (name === undefined || directory === null || directory instanceof SimFile) {
      throw new FsError('ENOENT', operation, path)
    }
    return { directory, name }
  }

  private find(path: string): Entry | null {
    return this.walk(wordsOf(path))
  }

  private walk(words: readonly string[]): Entry | null {
    let found: Entry = this.root
    for (const word of words) {
      if (found instanceof SimFile) return null
      const next: Entry | undefined = found.names.get(word)
      if (next === undefined) return null
      found = next
    }
    return found
  }
}

function emptyDirectory(): SimDirectory {
  return { modifiedMs: 0, names: new Map(), durable: new Map() }
}

export function wordsOf(path: string): string[] {
  return path.split(/[/\\]/).filter((word) => word !== '' && word !== '.')
}

function put(names: Map<string, Entry>, name: string, entry: Entry | null): void {
  if (entry === null) names.delete(name)
  else names.set(name, entry)
}

function touch(directory: SimDirectory, nowMs: number): void {
  directory.modifiedMs = Math.max(nowMs, directory.modifiedMs + TOUCH_MS)
}

function settle(change: NameChange): void {
  for (const { directory, name, entry } of change) put(directory.durable, name, entry)
}

function revert(directory: SimDirectory, prng: Prng | null): void {
  const { durable, names } = directory
  const isAsItWas = names.size === durable.size && [...names].every(([name, entry]) => durable.get(name) === entry)
  // Names and the time of their last change go to the device together.
  if (!isAsItWas) touch(directory, directory.modifiedMs)
  directory.names.clear()
  for (const [name, entry] of directory.durable) {
    directory.names.set(name, entry)
    if (entry instanceof SimFile) entry.losePower(prng)
    else revert(entry, prng)
  }
}

function bytesIn(directory: SimDirectory): number {
  let total = 0
  for (const entry of directory.names.values()) total += entry instanceof SimFile ? entry.sizeBytes : bytesIn(entry)
  return total
}
