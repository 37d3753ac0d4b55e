import { type Later, leaderEpoch, NO_LEADER_EPOCH, nodeId, type Offset } from '@odradek/core'
import type { PartitionLog, ReadResult } from '@odradek/log'
import { ErrorCode } from '@odradek/protocol'
import { downConvert } from '@odradek/records'
import type { PartitionView } from '../cluster-view.ts'
import { boundOffset } from '../partitions/bound-offset.ts'
import { endOfEpoch } from '../partitions/epoch-end.ts'
import { leaderEpochError } from '../partitions/leadership.ts'
import type { LocalPartition } from '../services.ts'
import { batchesEnd } from './batches-end.ts'
import type { FetchTarget } from './fetch-target.ts'
import type { FetchTerms } from './fetch-terms.ts'
import type { FetchTurns } from './fetch-turns.ts'
import { emptyRow, type FetchedRow, failedRow, nothingToRelease } from './fetched-row.ts'
import { nearReplica } from './near-replica.ts'
import { oldFormatOf } from './old-formats.ts'

const STORAGE_ERROR_VERSION_MIN = 6
const CURRENT_LEADER_VERSION_MIN = 16

/**
 * Reads one partition, at most `bytesMax` bytes, or one whole batch when `atLeastOneBatch`. Which replica is asked, its
 * epoch and the client's last epoch are checked in Kafka's order.
 */
export function readPartition(
  partition: LocalPartition,
  target: FetchTarget,
  terms: FetchTerms,
  bytesMax: number,
  atLeastOneBatch: boolean,
  turns: FetchTurns,
): Later<FetchedRow> {
  const { log, view } = partition
  const refusal = replicaError(view, target, terms)
  if (refusal !== ErrorCode.NONE) return refusedByReplica(target, view, terms, refusal)
  if (log.failure !== null) return failedRow(target, storageError(terms))
  const near =
    view.leader === terms.node && isWithin(target.fetchOffset, log) ? nearReplica(view, terms.nearNodes) : null
  if (near !== null) return { ...emptyRow(target, log, null), preferredReadReplica: near }
  const aborted = terms.bound === 'lastStable' ? [] : null
  if (target.lastFetchedEpoch >= 0) {
    const end = endOfEpoch(log, leaderEpoch(target.lastFetchedEpoch))
    if (end === null) return failedRow(target, ErrorCode.OFFSET_OUT_OF_RANGE)
    if (end.leaderEpoch < target.lastFetchedEpoch || end.endOffset < target.fetchOffset)
      return { ...emptyRow(target, log, null), divergingEpoch: end }
  }
  if (!isWithin(target.fetchOffset, log)) return failedRow(target, ErrorCode.OFFSET_OUT_OF_RANGE)
  if (target.fetchOffset >= boundOffset(log, terms.bound)) return emptyRow(target, log, aborted)
  // Kafka's reader throws here, and what it throws has no code of its own.
  if (bytesMax < 0 && (target.bytesMax < 0 || terms.bytesMax < 0))
    return failedRow(target, ErrorCode.UNKNOWN_SERVER_ERROR)
  if (bytesMax <= 0 && !atLeastOneBatch) return emptyRow(target, log, aborted)
  return readRecords({
    partition,
    target,
    terms,
    offset: target.fetchOffset,
    bytesMax: Math.max(0, bytesMax),
    atLeastOneBatch,
    turns,
  })
}

function isWithin(offset: Offset, { startOffset, endOffset }: PartitionLog): boolean {
  return offset >= startOffset && offset <= endOffset
}

/** What one read takes, and where it begins. */
interface Reading {
  readonly partition: LocalPartition
  readonly target: FetchTarget
  readonly terms: FetchTerms
  readonly offset: Offset
  readonly bytesMax: number
  readonly atLeastOneBatch: boolean
  readonly turns: FetchTurns
}

function readRecords(reading: Reading): Later<FetchedRow> {
  const { partition, target, terms, offset, bytesMax, atLeastOneBatch } = reading
  const { log } = partition
  const { bound } = terms
  // Watermarks from before the read: they must not say more than the records that come with them.
  const row = emptyRow(target, log, bound === 'lastStable' ? [] : null)
  const result = log.read({ offset, bytesMax, atLeastOneBatch, bound })
  if (result instanceof Promise) return result.then((late) => rowOf(row, late, reading))
  return rowOf(row, result, reading)
}

function rowOf(row: FetchedRow, result: ReadResult, reading: Reading): Later<FetchedRow> {
  const { terms } = reading
  if (!result.ok) {
    const errorCode = result.error === 'OFFSET_OUT_OF_RANGE' ? ErrorCode.OFFSET_OUT_OF_RANGE : storageError(terms)
    return failedRow(row.target, errorCode)
  }
  if (result.records.length === 0) {
    result.release()
    return { ...row, readBytes: result.readBytes }
  }
  const abortedTransactions = terms.bound === 'lastStable' ? result.abortedTransactions : null
  const { records, readBytes } = result
  const full = { ...row, abortedTransactions, records, readBytes, release: () => result.release() }
  const format = oldFormatOf(terms.version)
  return format === null ? full : converted(full, format, reading)
}

/**
 * The records as an old client reads them. It learns how far it got only from records: when nothing is left of what was
 * read (control batches), reading goes on behind it, or the client would ask for the same for ever.
 */
function converted(row: FetchedRow, format: 0 | 1, reading: Reading): Later<FetchedRow> {
  const { log, settings } = reading.partition
  const readTo = batchesEnd(row.records, reading.offset)
  const conversion = downConvert(row.records, format, settings, reading.offset)
  row.release()
  if (!conversion.ok) return failedRow(row.target, ErrorCode[conversion.error])
  if (conversion.records.length === 0 && readTo < boundOffset(log, reading.terms.bound)) {
    const readOn = () => readRecords({ ...reading, offset: readTo })
    reading.turns.note(row.readBytes)
    return reading.turns.isOver ? reading.turns.wait(readOn) : readOn()
  }
  return { ...row, readTo, records: conversion.records, release: nothingToRelease }
}

function replicaError(view: PartitionView, target: FetchTarget, terms: FetchTerms): ErrorCode {
  if (!view.replicas.includes(terms.node)) return ErrorCode.NOT_LEADER_OR_FOLLOWER
  // Here any negative epoch is none; ListOffsets and OffsetForLeaderEpoch know only -1.
  const epochError = leaderEpochError(Math.max(target.currentLeaderEpoch, NO_LEADER_EPOCH), view.leaderEpoch)
  if (epochError !== ErrorCode.NONE) return epochError
  if (terms.leaderOnly && view.leader !== terms.node) return ErrorCode.NOT_LEADER_OR_FOLLOWER
  if (terms.replicaId !== null && !view.replicas.includes(nodeId(terms.replicaId)))
    return ErrorCode.NOT_LEADER_OR_FOLLOWER
  return ErrorCode.NONE
}

/** From version 16 on the client is told who leads, so that it need not ask for metadata (KIP-951). */
function refusedByReplica(
  target: FetchTarget,
  view: PartitionView,
  terms: FetchTerms,
  errorCode: ErrorCode,
): FetchedRow {
  const moved = errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER || errorCode === ErrorCode.FENCED_LEADER_EPOCH
  const tell = moved && terms.version >= CURRENT_LEADER_VERSION_MIN
  return failedRow(target, errorCode, tell ? { leaderId: view.leader, leaderEpoch: view.leaderEpoch } : null)
}

function storageError(terms: FetchTerms): ErrorCode {
  return terms.version >= STORAGE_ERROR_VERSION_MIN ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.NOT_LEADER_OR_FOLLOWER
}
