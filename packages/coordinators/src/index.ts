export * from './group/commands.ts'
export { defaultGroupConfig, type GroupConfig } from './group/config.ts'
export { groupAppendErrorCode, groupErrorResponse } from './group/errors.ts'
export { GroupShard } from './group/shard.ts'
export { everyPartition } from './group/topic-results.ts'
export { partitionFor } from './runtime/partition-for.ts'
export { ShardRunner } from './runtime/runner.ts'
export type { Append, EndMarker, Shard, TransactionalProducer } from './runtime/shard.ts'
export type {
  AddPartitionsToTxnTopic,
  MarkersWrittenCommand,
  ProducerIdWantedEffect,
  TransactionCommand,
  TransactionEffect,
  TransactionResponse,
  TransactionResponseOf,
  TransactionTopic,
  WriteMarkersEffect,
} from './transaction/commands.ts'
export { defaultTransactionConfig, type TransactionConfig } from './transaction/config.ts'
export { transactionAppendErrorCode, transactionErrorResponse } from './transaction/errors.ts'
export { TransactionShard } from './transaction/shard.ts'
export { isTransactionState, TRANSACTION_STATES } from './transaction/transaction-state.ts'
