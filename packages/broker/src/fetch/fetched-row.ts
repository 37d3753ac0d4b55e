import type { LeaderEpoch, NodeId, Offset } from '@odradek/core'
import type { AbortedTransaction, EpochEndOffset } from '@odradek/log'
import { ErrorCode } from '@odradek/protocol'
import type { FetchTarget } from './fetch-target.ts'

export const NO_RECORDS = new Uint8Array(0)

/** Who leads a partition instead of the node that was asked (KIP-951). */
export interface CurrentLeader {
  readonly leaderId: NodeId
  readonly leaderEpoch: LeaderEpoch
}

/** What a fetch found of one partition; offsets are -1 in rows with an error. */
export interface FetchedRow {
  readonly target: FetchTarget
  readonly errorCode: ErrorCode
  readonly highWatermark: Offset | -1
  readonly lastStableOffset: Offset | -1
  readonly logStartOffset: Offset | -1
  readonly divergingEpoch: EpochEndOffset | null
  readonly currentLeader: CurrentLeader | null
  /** Where the client should ask instead of the leader (KIP-392); nothing was read then. */
  readonly preferredReadReplica: NodeId | -1
  /** Null where the client reads uncommitted records. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null
  /** One offset past what was read, where the records no longer tell because they were converted; else null. */
  readonly readTo: Offset | null
  /** Never null: clients take a null record set for a broken one. */
  readonly records: Uint8Array
  /** What was read of the log for them; 0 where it was not asked. */
  readonly readBytes: number
  /** Gives the records' memory back; to be called once, when they have been sent or will not be. */
  release(): void
}

export function nothingToRelease(): void {}

/** A row answered without looking at the log: no rights, no such topic or partition. The empty list is Kafka's. */
export function refusedRow(target: FetchTarget, errorCode: ErrorCode): FetchedRow {
  return { ...failedRow(target, errorCode), abortedTransactions: [] }
}

/** A row whose log could not be read. */
export function failedRow(
  target: FetchTarget,
  errorCode: ErrorCode,
  currentLeader: CurrentLeader | null = null,
): FetchedRow {
  return {
    target,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    divergingEpoch: null,
    currentLeader,
    preferredReadReplica: -1,
    abortedTransactions: null,
    readTo: null,
    records: NO_RECORDS,
    readBytes: 0,
    release: nothingToRelease,
  }
}

/** A row of a log that could be read, without records. */
export function emptyRow(
  target: FetchTarget,
  log: { readonly highWatermark: Offset; readonly lastStableOffset: Offset; readonly startOffset: Offset },
  abortedTransactions: readonly AbortedTransaction[] | null,
): FetchedRow {
  return {
    target,
    errorCode: ErrorCode.NONE,
    highWatermark: log.highWatermark,
    lastStableOffset: log.lastStableOffset,
    logStartOffset: log.startOffset,
    divergingEpoch: null,
    currentLeader: null,
    preferredReadReplica: -1,
    abortedTransactions,
    readTo: null,
    records: NO_RECORDS,
    readBytes: 0,
    release: nothingToRelease,
  }
}
