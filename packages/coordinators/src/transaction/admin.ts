import { ErrorCode } from '@odradek/protocol'
import type {
  DescribeTransactionCommand,
  DescribeTransactionResult,
  ListTransactionsCommand,
  ListTransactionsResult,
} from './commands.ts'
import { describeError } from './errors.ts'
import { topicsOf } from './partitions.ts'
import type { Transaction } from './transaction.ts'
import { isTransactionState } from './transaction-state.ts'
import type { TransactionStore } from './transaction-store.ts'

export function describeTransaction(
  store: TransactionStore,
  { kind, transactionalId }: DescribeTransactionCommand,
): DescribeTransactionResult {
  if (transactionalId === '') return describeError(transactionalId, ErrorCode.INVALID_REQUEST)
  const transaction = store.get(transactionalId)
  if (transaction === undefined) return describeError(transactionalId, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
  return {
    kind,
    errorCode: ErrorCode.NONE,
    transactionalId,
    transactionState: transaction.state,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startTimestampMs,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    topics: topicsOf(transaction.partitions),
  }
}

export function listTransactions(
  store: TransactionStore,
  command: ListTransactionsCommand,
  nowMs: bigint,
): ListTransactionsResult {
  return {
    kind: command.kind,
    errorCode: ErrorCode.NONE,
    unknownStateFilters: [...command.stateFilters].filter((name) => !isTransactionState(name)),
    transactionStates: [...store.entries()]
      .filter(([, transaction]) => isListed(transaction, command, nowMs))
      .map(([transactionalId, { producerId, state }]) => ({ transactionalId, producerId, transactionState: state })),
  }
}

function isListed(
  { state, producerId, startTimestampMs }: Transaction,
  { stateFilters, producerIdFilters, durationFilterMs }: ListTransactionsCommand,
  nowMs: bigint,
): boolean {
  if (producerIdFilters.size > 0 && !producerIdFilters.has(producerId)) return false
  if (stateFilters.size > 0 && !stateFilters.has(state)) return false
  // One that was never started has the start -1, and so counts as very old.
  return durationFilterMs < 0n || nowMs - startTimestampMs > durationFilterMs
}
