import { int32At, setInt32At } from '@odradek/core'
import type { OpenFiles } from './fs/open-files.ts'
import { IndexFile } from './index-file.ts'

/** relative last offset of a batch int32, position of the batch int32 */
const ENTRY_BYTES = 8

/** Kafka's `.index`: where in the segment some of its batches begin, in order of offsets. */
export class OffsetIndex {
  readonly entries: IndexFile
  private readonly baseOffset: number

  constructor(files: OpenFiles, path: string, baseOffset: number) {
    this.entries = new IndexFile(files, path, ENTRY_BYTES)
    this.baseOffset = baseOffset
  }

  append(lastOffset: number, position: number): void {
    const { bytes, at } = this.entries.grow()
    setInt32At(bytes, at, lastOffset - this.baseOffset)
    setInt32At(bytes, at + 4, position)
  }

  /** The entry of the last indexed batch that ends at or before `offset`; -1 when there is none. */
  floor(offset: number): number {
    let low = 0
    let high = this.entries.count - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      if (this.lastOffset(middle) <= offset) low = middle + 1
      else high = middle - 1
    }
    return high
  }

  lastOffset(index: number): number {
    const { bytes, at } = this.entries.entry(index)
    return this.baseOffset + int32At(bytes, at)
  }

  position(index: number): number {
    const { bytes, at } = this.entries.entry(index)
    return int32At(bytes, at + 4)
  }

  isFull(indexBytesMax: number): boolean {
    return (this.entries.count + 1) * ENTRY_BYTES > indexBytesMax
  }
}
