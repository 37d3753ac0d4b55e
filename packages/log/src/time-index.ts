import { int32At, int64At, setInt32At, setInt64At } from '@odradek/core'
import type { OpenFiles } from './fs/open-files.ts'
import { IndexFile } from './index-file.ts'

/** timestamp int64, relative last offset of the batch that brought it int32 */
const ENTRY_BYTES = 12

/**
 * Kafka's `.timeindex`: the largest timestamp so far and the batch that brought it, rising in both. No batch before an
 * entry's claims a timestamp as large.
 */
export class TimeIndex {
  readonly entries: IndexFile
  private readonly baseOffset: number
  private lastTimestamp = -1n

  constructor(files: OpenFiles, path: string, baseOffset: number) {
    this.entries = new IndexFile(files, path, ENTRY_BYTES)
    this.baseOffset = baseOffset
  }

  /** Adds an entry where it tells something new; records without timestamps never do. */
  maybeAppend(timestamp: bigint, lastOffset: number): void {
    if (timestamp <= this.lastTimestamp) return
    const { bytes, at } = this.entries.grow()
    setInt64At(bytes, at, timestamp)
    setInt32At(bytes, at + 8, lastOffset - this.baseOffset)
    this.lastTimestamp = timestamp
  }

  /** The last entry whose timestamp is below `timestamp`; -1 when there is none. */
  below(timestamp: bigint): number {
    let low = 0
    let high = this.entries.count - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      if (this.timestamp(middle) < timestamp) low = middle + 1
      else high = middle - 1
    }
    return high
  }

  timestamp(index: number): bigint {
    const { bytes, at } = this.entries.entry(index)
    return int64At(bytes, at)
  }

  lastOffset(index: number): number {
    const { bytes, at } = this.entries.entry(index)
    return this.baseOffset + int32At(bytes, at + 8)
  }

  isFull(indexBytesMax: number): boolean {
    // One entry more than the offset index leaves room for: sealing adds the segment's largest timestamp.
    return (this.entries.count + 2) * ENTRY_BYTES > indexBytesMax
  }

  /** As IndexFile's. */
  adopt(entries: number, checksum: number, grows: boolean, known: Buffer | null = null): boolean {
    if (!this.entries.adopt(entries, checksum, grows, known)) return false
    if (grows && entries > 0) this.lastTimestamp = this.timestamp(entries - 1)
    return true
  }

  reset(): void {
    this.entries.reset()
    this.lastTimestamp = -1n
  }
}
