/**
 * For how long bytes that were checked are taken to be still what they were: for so long they are in the page cache, where
 * nothing changes them, or were fetched from the device again a moment after it gave the right ones.
 */
export const CHECKED_MS = 10_000

/**
 * The part of a segment whose checksums were right a moment ago: consumers that catch up side by side, and one that asks
 * again, do not have them computed once more. One range is enough, since all read towards the end.
 */
export class CheckedRange {
  private startAt = 0
  private endAt = 0
  private untilMs = 0

  /** Whether all from `startAt` to `endAt` was checked a moment ago. */
  covers(startAt: number, endAt: number, nowMs: number): boolean {
    return nowMs < this.untilMs && startAt >= this.startAt && endAt <= this.endAt
  }

  /** All from `startAt` to `endAt` has just been checked. What it adjoins is forgotten when its own time is over. */
  add(startAt: number, endAt: number, nowMs: number): void {
    if (nowMs < this.untilMs && startAt <= this.endAt && endAt >= this.startAt) {
      this.startAt = Math.min(this.startAt, startAt)
      this.endAt = Math.max(this.endAt, endAt)
      return
    }
    this.startAt = startAt
    this.endAt = endAt
    this.untilMs = nowMs + CHECKED_MS
  }
}
