import type { FetchedRow } from './fetched-row.ts'

/** Up to so many times the bound, a fetch that finds no room still gets the one batch that lets its client go on. */
const LAST_RESORT_SHARE = 2

/**
 * Records that were read for answers and have not left the process, over all connections of all nodes: 200 clients that ask
 * for 50 MB each and read nothing must not take 10 GB. Kafka has no such bound, since it sends from the files.
 */
export class FetchMemory {
  private readonly limitBytes: () => number
  private held = 0

  /** odradek.max.unsent.bytes */
  constructor(limitBytes: () => number) {
    this.limitBytes = limitBytes
  }

  get heldBytes(): number {
    return this.held
  }

  /** How many of the bytes that are wanted may be read now; they count until `keep` says what was. */
  grant(wantedBytes: number): number {
    const granted = Math.min(wantedBytes, Math.max(0, this.limitBytes() - this.held))
    this.held += Math.max(0, granted)
    return granted
  }

  /** Whether a batch may be read although nothing was granted for it. */
  get hasRoomForOne(): boolean {
    return this.held < LAST_RESORT_SHARE * this.limitBytes()
  }

  /** Nothing was read. */
  giveBack(granted: number): void {
    this.held -= Math.max(0, granted)
  }

  /** The row that was read; its records count until it is released. */
  keep(row: FetchedRow, granted: number): FetchedRow {
    this.giveBack(granted)
    const { length } = row.records
    if (length === 0) return row
    this.held += length
    return {
      ...row,
      release: () => {
        this.held -= length
        row.release()
      },
    }
  }
}
