import type { TransactionMarker } from './control-marker.ts'
import type { ProducedFields, ProducerEntry, ProducerState } from './producer-state.ts'
import type { Transactions } from './transactions.ts'

/**
 * Takes in what a batch at `baseOffset` says of its producer: when it is appended, and again whenever the log is read at
 * start. The same code for both, so that a restart knows what was known before.
 */
export function recordProducer(
  producers: ProducerState,
  transactions: Transactions,
  batch: ProducedFields,
  marker: TransactionMarker | null,
  baseOffset: number,
  seenMs: number,
): void {
  if (marker !== null) {
    if (producers.end(marker, seenMs) >= 0) {
      transactions.end(marker.producerId, baseOffset + batch.lastOffsetDelta, marker.isAbort)
    }
    return
  }
  if (batch.isControl) return
  const isBeginning = batch.isTransactional && (producers.get(batch.producerId)?.transactionStartOffset ?? -1) < 0
  producers.append(batch, baseOffset, seenMs)
  if (isBeginning) transactions.begin(batch.producerId, baseOffset)
}

/** Takes over what a snapshot has kept. */
export function restoreProducers(
  producers: ProducerState,
  transactions: Transactions,
  entries: readonly ProducerEntry[],
): void {
  producers.restore(entries)
  const open = entries.filter(({ transactionStartOffset }) => transactionStartOffset >= 0)
  for (const producer of open.sort((a, b) => a.transactionStartOffset - b.transactionStartOffset)) {
    transactions.begin(producer.producerId, producer.transactionStartOffset)
  }
}
