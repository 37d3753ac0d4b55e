import type { Later, LeaderEpoch, Offset, ProducerId, Timestamp } from '@odradek/core'
import type { BatchHeader } from '@odradek/records'
import type { LogCheckpoints } from './log-checkpoints.ts'
import type { LogConfig } from './log-config.ts'

/**
 * When an append counts as done: `written` once the operating system has it (acks 0 and 1), `flushed` once the device
 * has it too (acks -1, internal topics).
 */
export type Durability = 'written' | 'flushed'

/** Kafka's names of the errors an append can end in; the broker turns them into codes. */
export type AppendError =
  | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  | 'INVALID_PRODUCER_EPOCH'
  | 'INVALID_TXN_STATE'
  | 'TRANSACTION_COORDINATOR_FENCED'
  | 'RECORD_LIST_TOO_LARGE'
  | 'KAFKA_STORAGE_ERROR'

export interface AppendRequest {
  /**
   * One whole batch of format 2, already validated. The log writes base offset and leader epoch into these bytes and
   * takes what it needs before `append` returns: the caller may reuse the memory at once.
   */
  readonly batch: Uint8Array
  /** The header of `batch`, as the caller read it while validating. */
  readonly header: BatchHeader
  readonly durability: Durability
  /**
   * The header's maximum timestamp is known to be right although the batch is compressed: it was opened, or built here.
   * Otherwise the first lookup by timestamp that passes it opens it once. That of an uncompressed batch must be right.
   */
  readonly areTimestampsVerified?: boolean
  /**
   * The client's version of transactions, for a transactional batch or a marker. From 2 on (KIP-890) a producer that is
   * unknown here begins with sequence 0, and a marker has an epoch that no batch of its transaction has.
   */
  readonly transactionVersion?: number
  /**
   * A coordinator writes in its producer's name, which has numbered its own batches alone: with it only the epoch is
   * looked at. Its batches have sequence 0, as Kafka's.
   */
  readonly origin?: 'client' | 'coordinator'
}

export type AppendResult =
  | {
      readonly ok: true
      /** Of the first record; for a repeat of one of the producer's last five batches, the original one. */
      readonly baseOffset: Offset
      readonly lastOffset: Offset
      readonly duplicate: boolean
      /** Maximum timestamp of the original batch when it is a duplicate, else -1. */
      readonly duplicateTimestamp: Timestamp
      readonly logStartOffset: Offset
    }
  | { readonly ok: false; readonly error: AppendError; readonly logStartOffset: Offset }

/** Up to where a read may go: what consumers may see, what committed transactions allow, or all there is. */
export type ReadBound = 'highWatermark' | 'lastStable' | 'end'

export interface ReadRequest {
  readonly offset: Offset
  readonly bytesMax: number
  /** Return the first batch even when it is larger than `bytesMax` (KIP-74). */
  readonly atLeastOneBatch: boolean
  readonly bound: ReadBound
}

export interface AbortedTransaction {
  readonly producerId: ProducerId
  readonly firstOffset: Offset
}

/** Whole batches from the one that holds the asked offset; never from more than one segment. */
export interface ReadData {
  readonly ok: true
  /** A view into a pooled buffer, valid until `release` is called (exactly once, by whoever sends it). Empty at the bound. */
  readonly records: Uint8Array
  /** What was read to find them, about: it takes its time, however little of it is given. */
  readonly readBytes: number
  release(): void
  /** Of all transactions aborted within what was read; empty unless bound is `lastStable`. */
  readonly abortedTransactions: readonly AbortedTransaction[]
}

export type ReadResult =
  | ReadData
  | { readonly ok: false; readonly error: 'OFFSET_OUT_OF_RANGE' | 'KAFKA_STORAGE_ERROR' }

export interface TimestampLookup {
  readonly offset: Offset
  readonly timestamp: Timestamp
  readonly leaderEpoch: LeaderEpoch
}

export interface EpochEndOffset {
  readonly leaderEpoch: LeaderEpoch
  readonly endOffset: Offset
}

/** What may have changed when a watcher is called: look at the log again. */
export type LogWatcher = () => void

/** Per producer, as DescribeProducers shows it. */
export interface ProducerView {
  readonly producerId: ProducerId
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestamp: Timestamp
  readonly coordinatorEpoch: number
  readonly currentTransactionStartOffset: Offset | -1
}

/** What decides whether a producer may go on, with every batch that the log has accepted. */
export interface ProducerStanding {
  /** What comes under a lower one is refused, markers too. */
  readonly producerEpoch: number
  /** Of the coordinator that ended its last transaction here, or -1; markers under a lower one are refused. */
  readonly coordinatorEpoch: number
  /** Its transaction has records here and no marker yet. */
  readonly isTransactionOpen: boolean
  /** Its markers since the log was opened: another number means that a transaction has ended meanwhile. */
  readonly endedTransactions: number
}

/**
 * One partition's batches in order. The partition's owner is the only writer. Nothing above this interface knows where
 * the bytes lie, and no caller may assume that an append or a read is done when the call returns: engines may be late.
 */
export interface PartitionLog {
  /** First offset that can be read. */
  readonly startOffset: Offset
  /** Offset that the next record will get. */
  readonly endOffset: Offset
  /** Consumers see what is below. Never passes the first batch that waits for a flush which has not happened. */
  readonly highWatermark: Offset
  /** First offset of the earliest open transaction, at most the high watermark. */
  readonly lastStableOffset: Offset
  /** Epoch that new batches are stamped with. */
  readonly leaderEpoch: LeaderEpoch
  /** Bytes in all segments. */
  readonly sizeBytes: number
  readonly segmentsCount: number
  /** Set once the log can no longer be trusted or written; every call then answers KAFKA_STORAGE_ERROR, or rejects. */
  readonly failure: string | null
  /** A torn tail was cut off when the log was opened: its owner raises the leader epoch, so that clients notice. */
  readonly wasCut: boolean

  /** Appends in the order of calls; `done` is called once, in that order too, never before `append` has returned. */
  append(request: AppendRequest, done: (result: AppendResult) => void): void
  read(request: ReadRequest): Later<ReadResult>
  /** The earliest record with a timestamp of at least `timestamp` below `bound`, record by record, also inside compressed batches. */
  lookupTimestamp(timestamp: Timestamp, bound: ReadBound): Later<TimestampLookup | null>
  /** The first record that has the largest timestamp of all; null when the log is empty. */
  lookupMaxTimestamp(): Later<TimestampLookup | null>
  /** The largest epoch that is at most `epoch` and where it ends; null when there is none. (KIP-101, KIP-279) */
  endOffsetForEpoch(epoch: LeaderEpoch): EpochEndOffset | null
  /** The epoch of the batch that holds `offset` (or of the log's end); -1 in a log that has had no epoch. */
  epochAt(offset: Offset): LeaderEpoch
  /** Raises the epoch that new batches get; lower values are our bug. */
  setLeaderEpoch(epoch: LeaderEpoch): void
  /** While it is held nothing that is appended can be seen by consumers; what they have seen stays. */
  holdHighWatermark(isHeld: boolean): void
  /** Moves the log's start up to `offset` (DeleteRecords); below the present start nothing happens. Resolves once that will survive a restart. */
  deleteRecordsBefore(offset: Offset): Later<void>
  configure(config: LogConfig): void
  producers(): readonly ProducerView[]
  /** Null for one that has written nothing here, or nothing for long. */
  standingOf(producerId: ProducerId): ProducerStanding | null

  /** Calls `watcher` after the high watermark, last stable offset, start or failure has moved, at most once a tick. Returns its removal. */
  watch(watcher: LogWatcher): () => void
  /** Everything appended is on the device when it resolves. */
  flush(): Promise<void>
  /** Flushes and closes; appends still waiting are answered first. */
  close(): Promise<void>
}

/** Which partition a log belongs to. The name stands in `partition.metadata`-like places only; directories go by topic id. */
export interface PartitionIdentity {
  readonly topicId: string
  readonly topicName: string
  readonly partition: number
}

/** Opens, makes and removes partition logs of one data directory (or of memory). */
export interface LogStore {
  /**
   * Opens the partition's log, made empty when there is none. `directoryId` is where the metadata has it, for a store of
   * several directories. @throws when the log cannot be used
   */
  open(identity: PartitionIdentity, config: LogConfig, directoryId?: string): Promise<PartitionLog>
  /** Identities (topic id and partition) of all logs present, for finding strays at start. */
  list(): readonly { readonly topicId: string; readonly partition: number }[]
  /** Of a log that is open. */
  checkpoints(identity: PartitionIdentity): LogCheckpoints
  /** Removes a log that has been closed: gone from the name space at once, its bytes soon after. */
  remove(identity: PartitionIdentity): Promise<void>
  close(): Promise<void>
}
