/** `TOPIC-PARTITION`. */
export type PartitionName = string

/**
 * How a transaction ended for its client. `aborted`: told so, or nobody has ever asked for its commit. `unknown`: a commit
 * was asked for and no answer says what came of it.
 */
export type Outcome = 'committed' | 'aborted' | 'unknown'

export interface SentRecord {
  readonly partition: PartitionName
  /** The only one of its kind. */
  readonly value: string
  /** What its produce was answered with; null without an answer. */
  offset: number | null
}

export interface SentOffset {
  readonly group: string
  readonly partition: PartitionName
  readonly offset: number
}

/** A transaction as its client knows it, in the order in which the client began them; a plain batch is one of its own. */
export interface SentTransaction {
  readonly producer: string
  readonly records: SentRecord[]
  /** Offsets committed with it: of one group and partition from one producer only, each higher than the one before. */
  readonly offsets: SentOffset[]
  outcome: Outcome
}

export interface ReadRecord {
  readonly offset: number
  readonly value: string
}

/** All that one read_committed consumer was given of a partition, in order. */
export interface Reading {
  readonly consumer: string
  readonly partition: PartitionName
  readonly records: ReadRecord[]
  /** Where it would read on: it has been past everything below. */
  position: number
}

/** What a partition holds when everybody has stopped and every transaction must have been resolved. */
export interface FinalLog {
  readonly committed: readonly ReadRecord[]
  readonly uncommitted: readonly ReadRecord[]
  readonly lastStableOffset: number
  readonly highWatermark: number
  /** In words. */
  readonly openTransactions: readonly string[]
}

/** What a group's client was told, in order. `committed`: a transaction with this offset was; `found`: a stable OffsetFetch; -1 for none. */
export interface OffsetEvent extends SentOffset {
  readonly kind: 'committed' | 'found'
}

export interface History {
  readonly transactions: SentTransaction[]
  readonly readings: Reading[]
  readonly offsetEvents: OffsetEvent[]
  readonly final: Map<PartitionName, FinalLog>
  /** What the groups have at the end; null where a transaction is still pending. */
  readonly finalOffsets: (Omit<SentOffset, 'offset'> & { readonly offset: number | null })[]
}

export const emptyHistory = (): History => ({
  transactions: [],
  readings: [],
  offsetEvents: [],
  final: new Map(),
  finalOffsets: [],
})
