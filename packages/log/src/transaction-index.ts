import { crc32c } from '@odradek/records'
import { LazyFile, type OpenFiles } from './fs/open-files.ts'
import { ShortWriteError } from './storage-error.ts'

/** version int16, producer id, first, last and last stable offset int64 */
const ENTRY_BYTES = 34
const VERSION = 0
/** Entries of one read: few at first, since most readers want few, then many, since each read is a call of the system. */
const READ_ENTRIES_MIN = 16
const READ_ENTRIES_MAX = 2048

/** A transaction that was aborted by a marker of the segment. */
export interface AbortedEntry {
  readonly producerId: bigint
  readonly firstOffset: number
  /** Of the marker. */
  readonly lastOffset: number
  /** First offset that was undecided once the marker was there: no transaction that ended later began before it. */
  readonly lastStableOffset: number
}

/**
 * Kafka's `.txnindex`, in order of the markers. Entries live in the file alone, and in memory only until they are saved
 * (or while the disk is full), so that the memory for them does not grow with the log.
 */
export class TransactionIndex {
  readonly file: LazyFile
  private readonly files: OpenFiles
  private savedEntries = 0
  private unsaved: AbortedEntry[] = []
  /** Of the saved entries; null when it has not been asked for. */
  private savedChecksum: number | null = null

  constructor(files: OpenFiles, path: string) {
    this.files = files
    this.file = new LazyFile(path, 'append')
  }

  get count(): number {
    return this.savedEntries + this.unsaved.length
  }

  append(entry: AbortedEntry): void {
    this.unsaved.push(entry)
  }

  /** Brings the file up to date. */
  save(): void {
    if (this.unsaved.length === 0) return
    const bytes = Buffer.alloc(this.unsaved.length * ENTRY_BYTES)
    for (const [index, entry] of this.unsaved.entries()) writeEntry(bytes, index * ENTRY_BYTES, entry)
    const handle = this.files.use(this.file)
    // What an earlier life of the segment has left there is none of its entries.
    if (this.savedEntries === 0) handle.truncateSync(0)
    const written = handle.writeSync([bytes], this.savedEntries * ENTRY_BYTES)
    if (written !== bytes.byteLength) throw new ShortWriteError(this.file.path, written, bytes.byteLength)
    this.savedEntries += this.unsaved.length
    this.savedChecksum = null
    this.unsaved = []
  }

  /** Forgets all entries and the file, where there is one, to be filled again. */
  reset(hasFile = true): void {
    this.files.close(this.file)
    if (hasFile) this.files.fs.unlinkSync(this.file.path)
    this.savedEntries = 0
    this.unsaved = []
  }

  /** Takes the file at its word if it has so many entries and this checksum. */
  adopt(entries: number, checksum: number): boolean {
    if (entries > 0) {
      const bytes = this.files.fs.readFileSync(this.file.path)
      if (bytes?.byteLength !== entries * ENTRY_BYTES || crc32c(bytes) !== checksum) return false
    }
    this.savedEntries = entries
    this.savedChecksum = checksum
    return true
  }

  /** Of what the file holds; null while it does not hold all. */
  checksum(): number | null {
    if (this.unsaved.length > 0) return null
    if (this.savedEntries === 0) return 0
    if (this.savedChecksum !== null) return this.savedChecksum
    const bytes = this.files.fs.readFileSync(this.file.path)
    if (bytes?.byteLength === this.savedEntries * ENTRY_BYTES) this.savedChecksum = crc32c(bytes)
    return this.savedChecksum
  }

  entry(index: number): AbortedEntry {
    const unsaved = this.unsaved[index - this.savedEntries]
    if (unsaved !== undefined) return unsaved
    const bytes = Buffer.alloc(ENTRY_BYTES)
    this.files.use(this.file).readSync(bytes, 0, ENTRY_BYTES, index * ENTRY_BYTES)
    return readEntry(this.file.path, bytes, 0)
  }

  /** All entries from `start` on; nothing may be appended or saved meanwhile. */
  *entriesFrom(start: number): Generator<AbortedEntry, void, undefined> {
    const { savedEntries } = this
    let readEntries = READ_ENTRIES_MIN
    for (let index = start; index < savedEntries; ) {
      const bytes = Buffer.alloc(Math.min(readEntries, savedEntries - index) * ENTRY_BYTES)
      this.files.use(this.file).readSync(bytes, 0, bytes.byteLength, index * ENTRY_BYTES)
      for (let at = 0; at < bytes.byteLength; at += ENTRY_BYTES) {
        yield readEntry(this.file.path, bytes, at)
      }
      index += bytes.byteLength / ENTRY_BYTES
      readEntries = Math.min(2 * readEntries, READ_ENTRIES_MAX)
    }
    yield* this.unsaved.slice(Math.max(0, start - savedEntries))
  }

  /** The first entry whose marker is at `offset` or after it; `count` when there is none. */
  firstEndingFrom(offset: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.entry(middle).lastOffset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

function writeEntry(bytes: Buffer, start: number, entry: AbortedEntry): void {
  let at = bytes.writeInt16BE(VERSION, start)
  at = bytes.writeBigInt64BE(entry.producerId, at)
  at = bytes.writeBigInt64BE(BigInt(entry.firstOffset), at)
  at = bytes.writeBigInt64BE(BigInt(entry.lastOffset), at)
  bytes.writeBigInt64BE(BigInt(entry.lastStableOffset), at)
}

function readEntry(path: string, bytes: Buffer, at: number): AbortedEntry {
  const entry = {
    producerId: bytes.readBigInt64BE(at + 2),
    firstOffset: readOffset(bytes, at + 10),
    lastOffset: readOffset(bytes, at + 18),
    lastStableOffset: readOffset(bytes, at + 26),
  }
  const { firstOffset, lastOffset, lastStableOffset } = entry
  const isEntry = bytes.readInt16BE(at) === VERSION && firstOffset >= 0 && firstOffset <= lastOffset
  // Its checksum was right when the log was opened: somebody is at the files of a running broker.
  if (!isEntry || lastStableOffset < 0) throw new Error(`${path} was changed; a restart makes it anew`)
  return entry
}

/** An int64, without the detour over a bigint: a reader may pass many entries. */
function readOffset(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)
}
