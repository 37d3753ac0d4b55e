import { recordsBytes } from '../runtime/records-bytes.ts'
import { transactionRecord } from './records.ts'
import type { Transaction } from './transaction.ts'
import type { TransactionStore } from './transaction-store.ts'
import type { Turn } from './turn.ts'

/** What the record of the end has more than that of the last partition: three tagged fields. */
const END_BYTES = 64

/** Records the steps of one transaction, all or none; false: there is no room left in this turn. */
export function writeTransaction(
  store: TransactionStore,
  transactionalId: string,
  steps: readonly Transaction[],
  turn: Turn,
): boolean {
  const level = turn.config.transactionVersion
  if (!turn.record(...steps.map((step) => transactionRecord(transactionalId, step, level)))) return false
  for (const { lastProducerEpoch } of steps) store.rememberLastEpoch(transactionalId, lastProducerEpoch)
  return true
}

/** Whether a transaction with so many partitions could be recorded, and ended. */
export function isRecordable(transactionalId: string, transaction: Transaction, turn: Turn): boolean {
  const record = transactionRecord(transactionalId, transaction, turn.config.transactionVersion)
  return recordsBytes([record]) + END_BYTES <= turn.config.appendBytesMax
}
