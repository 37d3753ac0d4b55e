import type { LeaderEpoch, ProducerId } from '@odradek/core'
import type { ErrorCode } from '@odradek/protocol'
import type { ClientTransactionVersion } from './transaction.ts'
import type { TransactionState } from './transaction-state.ts'

/**
 * What the transaction coordinator is asked and what it answers, in terms of the domain: handlers translate requests of
 * every version into these, and say by flags what depends on the version. Field names are the protocol's.
 */

/**
 * Where a producer id may be needed that has never been used, the command carries one or null. If it turns out to be
 * needed and is null, the answer has `wantsProducerId` and nothing has happened: the caller takes an id out of a block
 * and asks again. It may also pass the answer on as it is: its error is the one that fits when there is none to be had.
 */
export interface InitProducerIdCommand {
  readonly kind: 'InitProducerId'
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
  /** Version 3 and up (KIP-360): what the producer holds, to be raised; both -1: nothing. */
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly newProducerId: ProducerId | null
  /** Version 4 and up: PRODUCER_FENCED; before that INVALID_PRODUCER_EPOCH. */
  readonly knowsProducerFenced: boolean
}

export interface InitProducerIdResult {
  readonly kind: 'InitProducerId'
  readonly errorCode: ErrorCode
  /** Both -1 on error. */
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly wantsProducerId: boolean
}

export interface TransactionTopic {
  readonly name: string
  readonly partitionIndexes: readonly number[]
}

/**
 * One transaction of an AddPartitionsToTxn request, or what Produce 12 and TxnOffsetCommit 5 add by themselves. The
 * handler has already answered requests with rows of unknown or forbidden topics and partitions: they add nothing.
 */
export interface AddPartitionsToTxnCommand {
  readonly kind: 'AddPartitionsToTxn'
  readonly transactionalId: string
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly topics: readonly TransactionTopic[]
  /** Nothing is added; partitions that are not in the transaction are TRANSACTION_ABORTABLE. */
  readonly verifyOnly: boolean
  /** 2 from version 5 of the request on. */
  readonly clientTransactionVersion: ClientTransactionVersion
  /** Version 2 and up. */
  readonly knowsProducerFenced: boolean
}

export interface AddPartitionsToTxnTopic {
  readonly name: string
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: ErrorCode }[]
}

export interface AddPartitionsToTxnResult {
  readonly kind: 'AddPartitionsToTxn'
  /** Of the whole transaction; stands in every row too. */
  readonly errorCode: ErrorCode
  /** One row for each of the request's, in its order. */
  readonly topics: readonly AddPartitionsToTxnTopic[]
}

export interface AddOffsetsToTxnCommand {
  readonly kind: 'AddOffsetsToTxn'
  readonly transactionalId: string
  readonly producerId: ProducerId
  readonly producerEpoch: number
  /** Index of the partition of `__consumer_offsets` that has the group. */
  readonly offsetsPartitionIndex: number
  /** Version 2 and up. */
  readonly knowsProducerFenced: boolean
}

export interface AddOffsetsToTxnResult {
  readonly kind: 'AddOffsetsToTxn'
  readonly errorCode: ErrorCode
}

export interface EndTxnCommand {
  readonly kind: 'EndTxn'
  readonly transactionalId: string
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly committed: boolean
  readonly newProducerId: ProducerId | null
  /** 2 from version 5 of the request on. */
  readonly clientTransactionVersion: ClientTransactionVersion
  /** Version 2 and up. */
  readonly knowsProducerFenced: boolean
}

export interface EndTxnResult {
  readonly kind: 'EndTxn'
  readonly errorCode: ErrorCode
  /** For the next transaction; both -1 on error and under version 0 of transactions, where they do not change. */
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly wantsProducerId: boolean
}

/** One transactional id; the handler asks for each that a DescribeTransactions request names. */
export interface DescribeTransactionCommand {
  readonly kind: 'DescribeTransaction'
  readonly transactionalId: string
}

/** On error the state is "" and all numbers are 0. */
export interface DescribeTransactionResult {
  readonly kind: 'DescribeTransaction'
  readonly errorCode: ErrorCode
  readonly transactionalId: string
  readonly transactionState: TransactionState | ''
  readonly transactionTimeoutMs: number
  /** -1: none was started. */
  readonly transactionStartTimeMs: bigint
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly topics: readonly TransactionTopic[]
}

/** Asked of every machine of a node; the handler joins the answers, and looks at the pattern of version 2. */
export interface ListTransactionsCommand {
  readonly kind: 'ListTransactions'
  /** Empty: all. */
  readonly stateFilters: ReadonlySet<string>
  readonly producerIdFilters: ReadonlySet<bigint>
  /** Open for longer than this; negative: all. */
  readonly durationFilterMs: bigint
}

export interface ListedTransaction {
  readonly transactionalId: string
  readonly producerId: ProducerId
  readonly transactionState: TransactionState
}

export interface ListTransactionsResult {
  readonly kind: 'ListTransactions'
  readonly errorCode: ErrorCode
  readonly unknownStateFilters: readonly string[]
  readonly transactionStates: readonly ListedTransaction[]
}

/**
 * Internal: what became of the markers of one `WriteMarkers` effect, row by row: NONE where one is written,
 * UNKNOWN_TOPIC_OR_PARTITION where the topic is gone, else why it has to be tried again.
 */
export interface MarkersWrittenCommand {
  readonly kind: 'MarkersWritten'
  readonly transactionalId: string
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly topics: readonly AddPartitionsToTxnTopic[]
}

export interface MarkersWrittenResult {
  readonly kind: 'MarkersWritten'
  readonly errorCode: ErrorCode
}

/** Internal: the answer to a `ProducerIdWanted` effect. Nothing happens if the producer went on meanwhile. */
export interface AbortTimedOutCommand {
  readonly kind: 'AbortTimedOut'
  readonly transactionalId: string
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly newProducerId: ProducerId
}

export interface AbortTimedOutResult {
  readonly kind: 'AbortTimedOut'
  readonly errorCode: ErrorCode
}

export type TransactionCommand =
  | InitProducerIdCommand
  | AddPartitionsToTxnCommand
  | AddOffsetsToTxnCommand
  | EndTxnCommand
  | DescribeTransactionCommand
  | ListTransactionsCommand
  | MarkersWrittenCommand
  | AbortTimedOutCommand

export type TransactionResponse =
  | InitProducerIdResult
  | AddPartitionsToTxnResult
  | AddOffsetsToTxnResult
  | EndTxnResult
  | DescribeTransactionResult
  | ListTransactionsResult
  | MarkersWrittenResult
  | AbortTimedOutResult

export type TransactionResponseOf<Kind extends TransactionCommand['kind']> = Extract<
  TransactionResponse,
  { readonly kind: Kind }
>

/** Write a marker into each partition and answer with MarkersWritten, once and for exactly these partitions. */
export interface WriteMarkersEffect {
  readonly kind: 'WriteMarkers'
  readonly transactionalId: string
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly committed: boolean
  /** The leader epoch of the partition of `__transaction_state`. */
  readonly coordinatorEpoch: LeaderEpoch
  /** Of the transaction, as in WriteTxnMarkers: with 2 the epoch is one that no record has. */
  readonly transactionVersion: ClientTransactionVersion
  readonly topics: readonly TransactionTopic[]
}

/** A transaction has timed out whose producer has used up its epochs: answer with AbortTimedOut. */
export interface ProducerIdWantedEffect {
  readonly kind: 'ProducerIdWanted'
  readonly transactionalId: string
  readonly producerId: ProducerId
  readonly producerEpoch: number
}

export type TransactionEffect = WriteMarkersEffect | ProducerIdWantedEffect
