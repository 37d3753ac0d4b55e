import { NO_PRODUCER_ID, type ProducerId } from '@odradek/core'
import type { TransactionState } from './transaction-state.ts'

export const NO_PRODUCER_EPOCH = -1

/** No producer is given it: it is left for fencing the one that holds the epoch before. */
export const PRODUCER_EPOCH_MAX = 32_767

/** The timeout that Kafka writes for a transaction whose two phases another system directs (KIP-939): none. */
const NEVER_MS = 2_147_483_647

/** 2: the epoch rises with every transaction (KIP-890). Versions 0 and 1 behave the same. */
export type ClientTransactionVersion = 0 | 2

/** Indexes by topic, both in the order in which they were added. */
export type TransactionPartitions = ReadonlyMap<string, ReadonlySet<number>>

export const NO_PARTITIONS: TransactionPartitions = new Map()

/** What is known of a transactional id. Replaced whole at every transition. */
export interface Transaction {
  readonly producerId: ProducerId
  /** Of the transition before. */
  readonly previousProducerId: ProducerId
  /** Takes over when the transaction is complete, where the epochs of the present one are used up. */
  readonly nextProducerId: ProducerId
  readonly producerEpoch: number
  /** What a producer that has not heard of its new epoch still holds. Not in the log: -1 after a restart, as with Kafka. */
  readonly lastProducerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  readonly partitions: TransactionPartitions
  /** -1: none has been started. */
  readonly startTimestampMs: bigint
  readonly lastUpdateTimestampMs: bigint
  readonly clientTransactionVersion: ClientTransactionVersion
}

export function isEpochExhausted(producerEpoch: number): boolean {
  return producerEpoch >= PRODUCER_EPOCH_MAX - 1
}

/** Nothing is open and no marker is due: what can begin a transaction, be handed to another producer, or expire. */
export function isAtRest(state: TransactionState): boolean {
  return state === 'Empty' || state === 'CompleteCommit' || state === 'CompleteAbort'
}

export function isPrepared(state: TransactionState): boolean {
  return state === 'PrepareCommit' || state === 'PrepareAbort'
}

export function isTimedOut({ state, startTimestampMs, timeoutMs }: Transaction, nowMs: bigint): boolean {
  return state === 'Ongoing' && timeoutMs !== NEVER_MS && startTimestampMs + BigInt(timeoutMs) < nowMs
}

/** A transactional id that was never seen, or that has expired. The epoch is raised to 0 before anybody hears of it. */
export function newTransaction(producerId: ProducerId): Transaction {
  return {
    producerId,
    previousProducerId: producerId,
    nextProducerId: NO_PRODUCER_ID,
    producerEpoch: NO_PRODUCER_EPOCH,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs: 0,
    state: 'Empty',
    partitions: NO_PARTITIONS,
    startTimestampMs: -1n,
    lastUpdateTimestampMs: -1n,
    clientTransactionVersion: 0,
  }
}

/** Back to Empty for the producer that InitProducerId is answered with. */
export function initialized(
  before: Transaction,
  change: Pick<Transaction, 'producerId' | 'producerEpoch' | 'lastProducerEpoch' | 'timeoutMs'>,
  nowMs: bigint,
): Transaction {
  return {
    ...before,
    ...change,
    previousProducerId: before.producerId,
    state: 'Empty',
    partitions: NO_PARTITIONS,
    startTimestampMs: -1n,
    lastUpdateTimestampMs: nowMs,
  }
}

export function withPartitions(
  before: Transaction,
  partitions: TransactionPartitions,
  clientTransactionVersion: ClientTransactionVersion,
  nowMs: bigint,
): Transaction {
  return {
    ...before,
    previousProducerId: before.producerId,
    state: 'Ongoing',
    partitions,
    startTimestampMs: before.state === 'Ongoing' ? before.startTimestampMs : nowMs,
    lastUpdateTimestampMs: nowMs,
    clientTransactionVersion,
  }
}

/** The end is decided and only the markers are missing. Version 2 raises the epoch that they carry. */
export function prepared(
  before: Transaction,
  state: 'PrepareCommit' | 'PrepareAbort',
  clientTransactionVersion: ClientTransactionVersion,
  nextProducerId: ProducerId,
  nowMs: bigint,
): Transaction {
  const raised =
    clientTransactionVersion === 2
      ? { producerEpoch: raise(before.producerEpoch), lastProducerEpoch: before.producerEpoch }
      : {}
  return {
    ...before,
    ...raised,
    previousProducerId: before.producerId,
    nextProducerId,
    state,
    // An abort without any partition has to begin somewhere.
    startTimestampMs: before.state === 'Ongoing' ? before.startTimestampMs : nowMs,
    lastUpdateTimestampMs: nowMs,
    clientTransactionVersion,
  }
}

/** Aborted by the coordinator: whoever has begun it has to find out that its epoch is no longer the present one. */
export function fenced(
  before: Transaction,
  clientTransactionVersion: ClientTransactionVersion,
  nextProducerId: ProducerId,
  nowMs: bigint,
): Transaction {
  const raised =
    clientTransactionVersion === 2
      ? {}
      : { producerEpoch: raise(before.producerEpoch), lastProducerEpoch: NO_PRODUCER_EPOCH }
  return prepared({ ...before, ...raised }, 'PrepareAbort', clientTransactionVersion, nextProducerId, nowMs)
}

/** All markers are written. */
export function completed(before: Transaction, nowMs: bigint): Transaction {
  const successor =
    before.clientTransactionVersion === 2 && before.nextProducerId !== NO_PRODUCER_ID
      ? { producerId: before.nextProducerId, producerEpoch: 0 }
      : {}
  return {
    ...before,
    ...successor,
    previousProducerId: before.producerId,
    nextProducerId: NO_PRODUCER_ID,
    state: before.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    partitions: NO_PARTITIONS,
    lastUpdateTimestampMs: nowMs,
  }
}

/** At the very end it stays: better the same epoch twice than one below zero. */
function raise(producerEpoch: number): number {
  return Math.min(producerEpoch + 1, PRODUCER_EPOCH_MAX)
}
