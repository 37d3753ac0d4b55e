import { assert } from '@odradek/core'
import { crc32c } from '@odradek/records'
import { LazyFile, type OpenFiles } from './fs/open-files.ts'

const FIRST_ENTRIES = 32

/** An index that is not what was written: it can be made anew from the log. */
export class WrongIndexError extends Error {
  override readonly name = 'WrongIndexError'
}

/**
 * Entries of one size in order. While its segment grows they are in memory and go to the file when the segment is
 * sealed or closed: a crash loses nothing, since the last segment's indexes are rebuilt then anyway. Those of a sealed
 * segment are looked up in the file, so that ten thousand idle partitions hold no index.
 */
export class IndexFile {
  readonly entryBytes: number
  file: LazyFile
  private readonly files: OpenFiles
  private memory: Buffer | null = null
  private sealed = false
  private entries = 0
  private savedEntries = 0
  /** Of all entries, once the file has them. */
  private savedChecksum: number | null = null
  /** The file is what an earlier process left, and nobody has looked whether it still is. */
  private isDoubtful = false

  constructor(files: OpenFiles, path: string, entryBytes: number) {
    this.files = files
    this.file = new LazyFile(path, 'append')
    this.entryBytes = entryBytes
  }

  get count(): number {
    return this.entries
  }

  get sizeBytes(): number {
    return this.entries * this.entryBytes
  }

  /** The entries of an index that grows; none of a sealed one, which has them in its file. */
  get inMemory(): Buffer | null {
    return this.memory?.subarray(0, this.sizeBytes) ?? null
  }

  /** CRC-32C of the file that has all entries; null while there is none. */
  get checksum(): number | null {
    return this.entries === 0 ? 0 : this.savedChecksum
  }

  /** Room for one more entry at the end: bytes and position to write it at. */
  grow(): { readonly bytes: Buffer; readonly at: number } {
    assert(!this.sealed, 'a sealed index does not grow')
    const at = this.entries * this.entryBytes
    if (this.memory === null || at + this.entryBytes > this.memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_ENTRIES, this.entries * 2) * this.entryBytes)
      this.memory?.copy(larger, 0, 0, at)
      this.memory = larger
    }
    this.entries++
    this.savedChecksum = null
    return { bytes: this.memory, at }
  }

  /** Where entry `index` stands; valid until the next call. @throws WrongIndexError */
  entry(index: number): { readonly bytes: Buffer; readonly at: number } {
    assert(index >= 0 && index < this.count, 'an index entry that exists')
    if (this.memory !== null) return { bytes: this.memory, at: index * this.entryBytes }
    if (this.isDoubtful) this.verify()
    // A file cut short meanwhile gives zeros, which the reader then finds to be no entry for its batch.
    SCRATCH.fill(0)
    this.files.use(this.file).readSync(SCRATCH, 0, this.entryBytes, index * this.entryBytes)
    return { bytes: SCRATCH, at: 0 }
  }

  /**
   * Takes over what an earlier process left. The file of an index that is to grow is looked at now, and false when it is
   * not what it was; that of a sealed one when it is first used. `known` is what the file is said to hold: then it is
   * looked at when it is all that is left.
   */
  adopt(entries: number, checksum: number, grows: boolean, known: Buffer | null = null): boolean {
    this.entries = entries
    this.savedEntries = entries
    this.savedChecksum = checksum
    this.sealed = !grows
    this.isDoubtful = entries > 0
    if (!grows || entries === 0) return true
    if (known !== null && known.byteLength === this.sizeBytes && crc32c(known) === checksum) {
      this.memory = Buffer.from(known)
      return true
    }
    const bytes = this.intact()
    if (bytes === null) return false
    this.memory = bytes
    this.isDoubtful = false
    return true
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
      this.savedChecksum = crc32c(this.memory, 0, to)
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
    this.savedChecksum = this.memory === null ? 0 : crc32c(this.memory, 0, this.sizeBytes)
    this.sealed = true
    this.memory = null
    this.files.close(this.file)
  }

  /** Forgets all entries, to be filled again. */
  reset(): void {
    this.sealed = false
    this.isDoubtful = false
    this.entries = 0
    this.savedEntries = 0
    this.savedChecksum = null
    this.memory = null
  }

  /** The file is another one from now on: one that holds the same entries where this index is sealed. */
  moveTo(path: string): void {
    this.file = new LazyFile(path, 'append')
    if (!this.sealed) this.savedEntries = 0
  }

  close(): void {
    this.files.close(this.file)
  }

  private verify(): void {
    if (this.intact() === null) throw new WrongIndexError(`${this.file.path} is not what was written`)
    this.isDoubtful = false
  }

  private intact(): Buffer | null {
    const bytes = this.files.fs.readFileSync(this.file.path)
    return bytes?.byteLength === this.sizeBytes && crc32c(bytes) === this.savedChecksum ? Buffer.from(bytes) : null
  }

  private isInFile(): boolean {
    if (this.savedEntries === this.entries && this.entries > 0) return true
    const bytes = this.files.fs.readFileSync(this.file.path)
    const memory = this.memory?.subarray(0, this.sizeBytes) ?? EMPTY
    return bytes !== null && memory.equals(bytes)
  }
}

const EMPTY = Buffer.alloc(0)
/** One entry of any index that is being looked up. */
const SCRATCH = Buffer.alloc(16)
