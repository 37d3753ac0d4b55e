import type { BatchHeader } from './batch-header.ts'
import type { BatchRecord } from './batch-record.ts'
import { readEndTransactionMarker } from './control-batch.ts'

/** One row of Fetch's `abortedTransactions`. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

/** Which batches an application is shown, as every client with read_committed works it out: no markers, nothing that was aborted. */
export class CommittedView {
  private readonly starts: AbortedTransaction[]
  private readonly open = new Set<bigint>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.starts = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset))
  }

  /** For each batch in the order of the log; `records` are its own, and read of a marker alone. */
  shows(header: BatchHeader, records: Iterable<BatchRecord>): boolean {
    const lastOffset = BigInt(header.baseOffset + header.lastOffsetDelta)
    while (this.starts[0] !== undefined && this.starts[0].firstOffset <= lastOffset) {
      this.open.add(this.starts[0].producerId)
      this.starts.shift()
    }
    if (!header.isControl) return !(header.isTransactional && this.open.has(header.producerId))
    for (const { key, value } of records)
      if (readEndTransactionMarker(key, value)?.outcome === 'abort') this.open.delete(header.producerId)
    return false
  }
}
