import { readBatchHeader } from '@odradek/records'
import { baseOffsetAt, hasProducerAt, isControlAt, producedFieldsAt, recordsCountAt } from './batch-bytes.ts'
import { type TransactionMarker, transactionMarkerIn } from './control-marker.ts'
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

/** Takes in what a batch of a file says; of a control batch all bytes must be there. */
export function recordStoredBatch(
  producers: ProducerState,
  transactions: Transactions,
  bytes: Buffer,
  at: number,
  seenMs: number,
): void {
  if (!hasProducerAt(bytes, at)) return
  const marker = isControlAt(bytes, at) ? transactionMarkerIn(bytes, at, readBatchHeader(bytes, at)) : null
  const produced = producedFieldsAt(bytes, at)
  if (produced.isControl && recordsCountAt(bytes, at) === 0) producers.noteEpoch(produced, seenMs)
  recordProducer(producers, transactions, produced, marker, baseOffsetAt(bytes, at), seenMs)
  producers.commit()
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
