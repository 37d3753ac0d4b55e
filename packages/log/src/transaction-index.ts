import { crc32c } from '@odradek/records'
import { LazyFile, type OpenFiles } from './fs/open-files.ts'
import { ShortWriteError } from './storage-error.ts'

/** version int16, producer id, first, last and last stable offset int64 */
const ENTRY_BYTES = 34
const VERSION = 0

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

  /** Forgets all entries and the file, to be filled again. */
  reset(): void {
    this.files.close(this.file)
    this.files.fs.unlinkSync(this.file.path)
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
    return readEntry(this.file.path, bytes)
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

function readEntry(path: string, bytes: Buffer): AbortedEntry {
  const entry = {
    producerId: bytes.readBigInt64BE(2),
    firstOffset: Number(bytes.readBigInt64BE(10)),
    lastOffset: Number(bytes.readBigInt64BE(18)),
    lastStableOffset: Number(bytes.readBigInt64BE(26)),
  }
  const { firstOffset, lastOffset, lastStableOffset } = entry
  const isEntry = bytes.readInt16BE(0) === VERSION && firstOffset >= 0 && firstOffset <= lastOffset
  // Its checksum was right when the log was opened: somebody is at the files of a running broker.
  if (!isEntry || lastStableOffset < 0) throw new Error(`${path} was changed; a restart makes it anew`)
  return entry
}
