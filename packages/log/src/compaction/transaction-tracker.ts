import type { TransactionMarker } from '../control-marker.ts'
import type { AbortedTransaction } from '../partition-log.ts'

interface Aborting {
  /** A batch of the transaction is still there. */
  hasBatches: boolean
}

/**
 * Follows the transactions of a log while its batches pass in order: what was aborted goes at once, a marker only after a
 * run that saw none of its transaction's batches any more. (KIP-534)
 */
export class TransactionTracker {
  /** Markers of aborted transactions that still had batches, by offset: readers must go on hearing of these. */
  readonly keptMarkers = new Set<number>()
  private readonly coming: AbortedTransaction[]
  private next = 0
  private readonly aborting = new Map<bigint, Aborting>()
  private readonly committing = new Set<bigint>()

  /** `aborted`: all that have records or a marker in the part of the log that will pass. */
  constructor(aborted: readonly AbortedTransaction[]) {
    this.coming = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** A batch of data passes. True when its records were never committed. */
  data(producerId: bigint, lastOffset: number, isTransactional: boolean): boolean {
    this.begin(lastOffset)
    if (!isTransactional) return false
    const aborting = this.aborting.get(producerId)
    if (aborting === undefined) {
      this.committing.add(producerId)
      return false
    }
    aborting.hasBatches = true
    return true
  }

  /** A control batch passes; `marker` is null for one without records. True when nothing needs it any more. */
  control(marker: TransactionMarker | null, recordsCount: number, lastOffset: number): boolean {
    this.begin(lastOffset)
    if (recordsCount === 0) return true
    if (marker === null) return false
    if (!marker.isAbort) return !this.committing.delete(marker.producerId)
    const aborting = this.aborting.get(marker.producerId)
    this.aborting.delete(marker.producerId)
    if (aborting?.hasBatches !== true) return true
    this.keptMarkers.add(lastOffset)
    return false
  }

  private begin(offset: number): void {
    for (let first = this.coming[this.next]; first !== undefined && first.firstOffset <= offset; ) {
      if (!this.aborting.has(first.producerId)) this.aborting.set(first.producerId, { hasBatches: false })
      first = this.coming[++this.next]
    }
  }
}
