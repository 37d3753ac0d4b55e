import { assert } from '@odradek/core'

export const PAGE_BYTES = 1024 * 1024

/** One piece of memory that is given out in runs of pages. */
export class BufferRegion {
  private readonly memory: Buffer
  private readonly isTaken: Uint8Array
  private takenPages = 0
  /** How often something was taken. */
  takes = 0

  constructor(sizeBytes: number) {
    this.memory = Buffer.allocUnsafeSlow(sizeBytes)
    this.isTaken = new Uint8Array(sizeBytes / PAGE_BYTES)
  }

  get isUnused(): boolean {
    return this.takenPages === 0
  }

  owns(buffer: Buffer): boolean {
    return buffer.buffer === this.memory.buffer
  }

  /** From the first run of pages that is long enough, since those at the front have been touched; null when there is none. */
  take(sizeBytes: number): Buffer | null {
    const wanted = Math.ceil(sizeBytes / PAGE_BYTES)
    const first = this.freeRun(wanted)
    if (first < 0) return null
    this.isTaken.fill(1, first, first + wanted)
    this.takenPages += wanted
    this.takes++
    const at = first * PAGE_BYTES
    return this.memory.subarray(at, at + sizeBytes)
  }

  give(buffer: Buffer): void {
    const first = (buffer.byteOffset - this.memory.byteOffset) / PAGE_BYTES
    const pages = Math.ceil(buffer.byteLength / PAGE_BYTES)
    assert(this.isTaken[first] === 1, 'a buffer is given back once')
    this.isTaken.fill(0, first, first + pages)
    this.takenPages -= pages
  }

  private freeRun(wanted: number): number {
    const { isTaken } = this
    let run = 0
    for (let page = 0; page < isTaken.length; page++) {
      run = isTaken[page] === 0 ? run + 1 : 0
      if (run === wanted) return page + 1 - wanted
    }
    return -1
  }
}
