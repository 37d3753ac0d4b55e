import type { FileHandle } from '@odradek/core'

/** Up to here all are read at once, as many as there are threads. */
export const SMALL_READ_BYTES_MAX = 512 * 1024
/** More is read piece by piece: others that wait for a thread have theirs in between. */
export const READ_PIECE_BYTES = 4 * 1024 * 1024
/** Of the few threads that there are for files the others are for flushes, and the processors for those who ask for less. */
export const LARGE_READS_MAX = 2

/** Reads on other threads. Of the large ones only so many pieces are read at a time, in the order they were asked for. */
export class PiecewiseReads {
  private running = 0
  private readonly waiting: (() => void)[] = []

  /** Resolves with how many bytes there were. */
  async read(handle: FileHandle, target: Buffer, length: number, position: number): Promise<number> {
    if (length <= SMALL_READ_BYTES_MAX) return handle.read(target, 0, length, position)
    for (let count = 0; count < length; ) {
      const wanted = Math.min(length - count, READ_PIECE_BYTES)
      const at = count
      const got = await this.inTurn(() => handle.read(target, at, wanted, position + at))
      count += got
      if (got < wanted) return count
    }
    return length
  }

  private async inTurn(read: () => Promise<number>): Promise<number> {
    if (this.running < LARGE_READS_MAX) this.running++
    else await new Promise<void>((enter) => this.waiting.push(enter))
    try {
      return await read()
    } finally {
      const next = this.waiting.shift()
      if (next === undefined) this.running--
      else next()
    }
  }
}
