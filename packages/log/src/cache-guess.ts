/** Reads on other threads, one after the other, that must have been quick before the next is made without one. */
export const QUICK_READS_MIN = 4
/** What a slow read may raise that number to: one in so many reads may hold up the event loop for as long as the device takes. */
export const QUICK_READS_MAX = 256

/** More is read on another thread in any case: from a slow device it would take tenths of a second. */
export const GUESSED_READ_BYTES_MAX = 4 * 1024 * 1024

/** What comes from memory comes at several times this speed, what comes from most devices does not. */
const QUICK_BYTES_PER_MS = 2_000_000
/** For the call, and for the way to another thread and back. */
const CALL_MS = 0.25

/**
 * Whether older parts of a log are likely to be in the page cache, which nobody can be asked: told by how long the reads
 * before took. On another thread a read of what is in memory takes half as long again, and twice the processor time.
 */
export class CacheGuess {
  private quickReads = 0
  private quickReadsWanted = QUICK_READS_MIN

  /** Whether a read of `bytes` may be made on the event loop's own thread. */
  allows(bytes: number): boolean {
    return bytes <= GUESSED_READ_BYTES_MAX && this.isLikely
  }

  private get isLikely(): boolean {
    return this.quickReads >= this.quickReadsWanted
  }

  /** A read of `bytes` has taken `elapsedMs`, on whichever thread. */
  note(bytes: number, elapsedMs: number): void {
    if (elapsedMs <= CALL_MS + bytes / QUICK_BYTES_PER_MS) {
      this.quickReads++
      return
    }
    // It was believed to be in memory and was not: the next time more is asked for.
    if (this.isLikely) this.quickReadsWanted = Math.min(2 * this.quickReadsWanted, QUICK_READS_MAX)
    this.quickReads = 0
  }
}
