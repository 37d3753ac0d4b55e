/** Lies remembered per segment; past them the rest of the segment is opened anew by each lookup. */
const CORRECTIONS_MAX = 1000

/**
 * What is known about the maximum timestamps that the headers of a segment's batches claim. Produce checks them where it
 * sees the records; in a compressed batch that nobody has opened the claim may be too low, and a lookup that trusted it
 * would miss a record. So a lookup opens each such batch on its way, once, and what it found stays here: below
 * `verifiedBytes` a claim is right, or its correction is listed.
 */
export class TimestampFacts {
  verifiedBytes = 0
  /** Position of a batch to the true maximum. */
  readonly corrections = new Map<number, bigint>()

  /** A batch has come to stand at `position`. */
  note(position: number, sizeBytes: number, isTrusted: boolean): void {
    if (isTrusted && position === this.verifiedBytes) this.verifiedBytes += sizeBytes
  }

  /** The batch at `position` has been opened, or need not be. */
  verify(position: number, sizeBytes: number, claimed: bigint, actual: bigint): void {
    if (position !== this.verifiedBytes) return
    if (actual !== claimed) {
      if (this.corrections.size >= CORRECTIONS_MAX) return
      this.corrections.set(position, actual)
    }
    this.verifiedBytes += sizeBytes
  }

  reset(): void {
    this.verifiedBytes = 0
    this.corrections.clear()
  }
}
