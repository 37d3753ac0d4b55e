import { producerId } from '@odradek/core'
import { encodeRecordKey, encodeRecordValue, TransactionLogKey, TransactionLogValue } from '@odradek/protocol/records'
import type { CoordinatorRecord } from '../runtime/shard.ts'
import { NO_PARTITIONS, NO_PRODUCER_EPOCH, type Transaction, type TransactionPartitions } from './transaction.ts'
import { numberOfState, stateOfNumber } from './transaction-state.ts'

/** Without producer ids before and after, nor the client's version: all that Kafka before 4.0 can read. */
const PLAIN_VERSION = 0
const TAGGED_VERSION = 1
/** From this level of `transaction.version` on every reader knows version 1. */
const TAGGED_SINCE_LEVEL = 1

export function transactionRecord(
  transactionalId: string,
  transaction: Transaction,
  transactionVersion: number,
): CoordinatorRecord {
  // What the plain version cannot say must not be lost, whatever the level.
  const isTagged = transactionVersion >= TAGGED_SINCE_LEVEL || transaction.clientTransactionVersion === 2
  const tagged = isTagged
    ? {
        previousProducerId: transaction.previousProducerId,
        nextProducerId: transaction.nextProducerId,
        clientTransactionVersion: transaction.clientTransactionVersion,
      }
    : {}
  return {
    key: encodeRecordKey(TransactionLogKey, { transactionalId }),
    value: encodeRecordValue(TransactionLogValue, isTagged ? TAGGED_VERSION : PLAIN_VERSION, {
      producerId: transaction.producerId,
      producerEpoch: transaction.producerEpoch,
      transactionTimeoutMs: transaction.timeoutMs,
      transactionStatus: numberOfState(transaction.state),
      transactionPartitions: transaction.state === 'Empty' ? null : partitionsInLog(transaction.partitions),
      transactionLastUpdateTimestampMs: transaction.lastUpdateTimestampMs,
      transactionStartTimestampMs: transaction.startTimestampMs,
      ...tagged,
    }),
  }
}

export function transactionTombstone(transactionalId: string): CoordinatorRecord {
  return { key: encodeRecordKey(TransactionLogKey, { transactionalId }), value: null }
}

export function transactionOf(value: TransactionLogValue): Transaction {
  const partitions = new Map<string, ReadonlySet<number>>()
  for (const { topic, partitionIds } of value.transactionPartitions ?? []) {
    partitions.set(topic, new Set([...(partitions.get(topic) ?? []), ...partitionIds]))
  }
  return {
    producerId: producerId(value.producerId),
    previousProducerId: producerId(value.previousProducerId),
    nextProducerId: producerId(value.nextProducerId),
    producerEpoch: value.producerEpoch,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs: value.transactionTimeoutMs,
    state: stateOfNumber(value.transactionStatus),
    partitions: partitions.size === 0 ? NO_PARTITIONS : partitions,
    startTimestampMs: value.transactionStartTimestampMs,
    lastUpdateTimestampMs: value.transactionLastUpdateTimestampMs,
    // Versions above 2 raise epochs too.
    clientTransactionVersion: value.clientTransactionVersion >= 2 ? 2 : 0,
  }
}

function partitionsInLog(partitions: TransactionPartitions) {
  return [...partitions].map(([topic, indexes]) => ({ topic, partitionIds: [...indexes] }))
}
