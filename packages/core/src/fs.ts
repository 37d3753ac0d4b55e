/** One open file. Every call throws the operating system's error (with `code`) when it fails. */
export interface FileHandle {
  readonly path: string
  /** Bytes in the file. */
  size(): number
  /** Reads what is in the page cache, blocking the caller for microseconds. Returns bytes read; fewer than asked only at the end of the file. */
  readSync(target: Uint8Array, targetOffset: number, length: number, position: number): number
  /** Reads on another thread: for ranges that may have to come from the device. */
  read(target: Uint8Array, targetOffset: number, length: number, position: number): Promise<number>
  /** Gathered write at `position`. Returns bytes written; the caller must compare, since a full disk ends in a short count without an error. */
  writeSync(buffers: readonly Uint8Array[], position: number): number
  /** Bytes written before this call are on the device when it resolves. */
  datasync(): Promise<void>
  truncateSync(size: number): void
  closeSync(): void
}

export interface FileStat {
  readonly isDirectory: boolean
  readonly sizeBytes: number
  readonly modifiedMs: number
  /** Permission bits, where the system has them. */
  readonly mode?: number
}

/** What a file system has room for. */
export interface FsSpace {
  readonly totalBytes: number
  /** What an ordinary process may still write. */
  readonly usableBytes: number
}

/** An exclusive claim on a data directory. */
export interface FsLock {
  release(): void
}

/** The file system as the broker needs it: the disk, or a simulated one that can lose power. */
export interface Fs {
  /** `read`: must exist. `append`: read and write, made when missing. `create`: read and write, emptied when present. */
  openSync(path: string, mode: 'read' | 'append' | 'create'): FileHandle
  /** With the directories above it; what it makes is its owner's alone where `isPrivate`. */
  mkdirSync(path: string, isPrivate?: boolean): void
  /** Names in a directory, sorted; empty when there is none. */
  readdirSync(path: string): readonly string[]
  statSync(path: string): FileStat | null
  /** Of the file system that holds `path`, which must exist. */
  spaceSync(path: string): FsSpace
  /** The whole file, or null when there is none. */
  readFileSync(path: string): Uint8Array | null
  renameSync(from: string, to: string): void
  /** Missing files are no error. */
  unlinkSync(path: string): void
  unlink(path: string): Promise<void>
  /** Removes a directory and all in it. */
  removeDirectory(path: string): Promise<void>
  /** Names made, renamed or removed in the directory before this call are on the device when it resolves. */
  syncDirectory(path: string): Promise<void>
  /** One path for all that lead to the same directory, links among them; nothing need be there. */
  realPathSync(path: string): string
  /** Null when another living process holds the lock. */
  lock(path: string): FsLock | null
  /**
   * Id of a process that holds the operating system's own lock on a file, as programs other than ours do; null where
   * there is none, or where that cannot be known.
   */
  lockHolder?(path: string): number | null
}
