import { NO_PRODUCER_ID, producerId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type {
  AddPartitionsToTxnResult,
  DescribeTransactionResult,
  EndTxnResult,
  InitProducerIdResult,
  TransactionCommand,
  TransactionResponse,
  TransactionTopic,
} from './commands.ts'
import { NO_PRODUCER_EPOCH } from './transaction.ts'

/** The same fault in the words that the client's version knows. */
export function fencedCode({ knowsProducerFenced }: { readonly knowsProducerFenced: boolean }): ErrorCode {
  return knowsProducerFenced ? ErrorCode.PRODUCER_FENCED : ErrorCode.INVALID_PRODUCER_EPOCH
}

export function initProducerIdError(errorCode: ErrorCode): InitProducerIdResult {
  return {
    kind: 'InitProducerId',
    errorCode,
    producerId: NO_PRODUCER_ID,
    producerEpoch: NO_PRODUCER_EPOCH,
    wantsProducerId: false,
  }
}

export function endTxnError(errorCode: ErrorCode): EndTxnResult {
  return { ...initProducerIdError(errorCode), kind: 'EndTxn' }
}

/** `errorCode` for all rows. */
export function addPartitionsResult(
  topics: readonly TransactionTopic[],
  errorCode: ErrorCode,
): AddPartitionsToTxnResult {
  return {
    kind: 'AddPartitionsToTxn',
    errorCode,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
    })),
  }
}

export function describeError(transactionalId: string, errorCode: ErrorCode): DescribeTransactionResult {
  return {
    kind: 'DescribeTransaction',
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0n,
    producerId: producerId(0n),
    producerEpoch: 0,
    topics: [],
  }
}

/** The answer that says only `errorCode`, in the form that fits the command. */
export function transactionErrorResponse(command: TransactionCommand, errorCode: ErrorCode): TransactionResponse {
  const { kind } = command
  switch (kind) {
    case 'InitProducerId':
      return initProducerIdError(errorCode)
    case 'AddPartitionsToTxn':
      return addPartitionsResult(command.topics, errorCode)
    case 'EndTxn':
      return endTxnError(errorCode)
    case 'DescribeTransaction':
      return describeError(command.transactionalId, errorCode)
    case 'ListTransactions':
      return { kind, errorCode, unknownStateFilters: [], transactionStates: [] }
    case 'AddOffsetsToTxn':
    case 'MarkersWritten':
    case 'AbortTimedOut':
      return { kind, errorCode }
  }
}

/** What a client is told when its transaction could not be recorded: never the log's own code, which is about topics. */
export function transactionAppendErrorCode(errorCode: ErrorCode): ErrorCode {
  switch (errorCode) {
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case ErrorCode.REQUEST_TIMED_OUT:
      return ErrorCode.COORDINATOR_NOT_AVAILABLE
    case ErrorCode.NOT_LEADER_OR_FOLLOWER:
    case ErrorCode.KAFKA_STORAGE_ERROR:
      return ErrorCode.NOT_COORDINATOR
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
    case ErrorCode.INVALID_FETCH_SIZE:
      return ErrorCode.UNKNOWN_SERVER_ERROR
    default:
      return errorCode
  }
}
