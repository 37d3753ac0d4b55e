import { assert } from '@odradek/core'
import { LazyFile, type OpenFiles } from './fs/open-files.ts'

const FIRST_ENTRIES = 32

/**
 * Entries of one size in order. While its segment grows they are in memory and go to the file when the segment is
 * sealed, flushed or closed: a crash loses nothing, since the last segment's indexes are rebuilt at start anyway. Those
 * of a sealed segment are looked up in the file, so that ten thousand idle partitions hold no index.
 */
export class IndexFile {
  readonly entryBytes: number
  readonly file: LazyFile
  private readonly files: OpenFiles
  private memory: Buffer | null = null
  private sealed: boolean
  /** -1: the file has not been looked at. */
  private entries: number
  private savedEntries = 0
  private readonly scratch: Buffer

  constructor(files: OpenFiles, path: string, entryBytes: number, sealed: boolean) {
    this.files = files
    this.file = new LazyFile(path, 'append')
    this.entryBytes = entryBytes
    this.sealed = sealed
    this.entries = sealed ? -1 : 0
    this.scratch = sealed ? Buffer.alloc(entryBytes) : EMPTY
  }

  get count(): number {
    if (this.entries < 0) this.entries = Math.floor(this.files.use(this.file).size() / this.entryBytes)
    return this.entries
  }

  get sizeBytes(): number {
    return this.count * this.entryBytes
  }

  /** Room for one more entry at the end: bytes and position to write it at. */
  grow(): { readonly bytes: Buffer; readonly at: number } {
    assert(!this.sealed, 'a sealed index does not grow')
    const at = this.entries * this.entryBytes
    if (this.memory === null || at + this.entryBytes > this.memory.byteLength) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_ENTRIES, this.entries * 2) * this.entryBytes)
      this.memory?.copy(larger, 0, 0, at)
      this.memory = larger
    }
    this.entries++
    return { bytes: this.memory, at }
  }

  /** Where entry `index` stands; valid until the next call. */
  entry(index: number): { readonly bytes: Buffer; readonly at: number } {
    assert(index >= 0 && index < this.count, 'an index entry that exists')
    if (this.memory !== null) return { bytes: this.memory, at: index * this.entryBytes }
    const scratch = this.scratch.byteLength > 0 ? this.scratch : Buffer.alloc(this.entryBytes)
    // A file cut short meanwhile gives zeros, which the reader then finds to be no entry for its batch.
    scratch.fill(0)
    this.files.use(this.file).readSync(scratch, 0, this.entryBytes, index * this.entryBytes)
    return { bytes: scratch, at: 0 }
  }

  /** Brings the file up to date. */
  save(): void {
    if (this.sealed || (this.savedEntries === this.entries && this.entries > 0)) return
    const handle = this.files.use(this.file)
    if (this.savedEntries === 0) handle.truncateSync(0)
    const from = this.savedEntries * this.entryBytes
    const to = this.entries * this.entryBytes
    if (this.memory !== null && to > from) {
      const written = handle.writeSync([this.memory.subarray(from, to)], from)
      if (written !== to - from) throw new Error(`index ${this.file.path} could not be written whole`)
    }
    this.savedEntries = this.entries
  }

  /** Nothing will be added: the entries live in the file from now on. A file that holds them already is left alone. */
  seal(): void {
    if (this.sealed) return
    if (!this.isInFile()) {
      this.savedEntries = 0
      this.files.use(this.file).truncateSync(0)
      this.save()
    }
    this.sealed = true
    this.memory = null
    this.files.close(this.file)
  }

  /** Forgets all entries, to be filled again. */
  reset(): void {
    this.sealed = false
    this.entries = 0
    this.savedEntries = 0
    this.memory = null
  }

  private isInFile(): boolean {
    if (this.savedEntries === this.entries && this.entries > 0) return true
    const bytes = this.files.fs.readFileSync(this.file.path)
    const memory = this.memory?.subarray(0, this.entries * this.entryBytes) ?? EMPTY
    return bytes !== null && memory.equals(bytes)
  }

  close(): void {
    this.files.close(this.file)
  }
}

const EMPTY = Buffer.alloc(0)
