import { NO_TIMESTAMP, type WallMs } from '@odradek/core'
import type { AppendRequest, AppendResult, Durability, PartitionLog } from '@odradek/log'
import { ErrorCode } from '@odradek/protocol'
import { type BatchHeader, type ProduceRefusal, validateProduced } from '@odradek/records'
import type { TopicView } from '../cluster-view.ts'
import { countersOf } from '../metrics/counters-of.ts'
import { hasEnoughInSync } from '../partitions/in-sync.ts'
import { leaderError } from '../partitions/leadership.ts'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'
import type { ProduceRow, RowTransaction } from './produce-row.ts'
import { produceRulesOf } from './topic-rules.ts'

export const ACKS_ALL = -1

/** The one client that may write Kafka's own topics, by its name alone. */
const ADMIN_CLIENT_ID = '__admin_client'
const CURRENT_LEADER_VERSION_MIN = 10

/** Errors of an append that come with the log's real start, as Kafka has it. */
const NO_RECORDS = new Uint8Array(0)

const WITH_LOG_START: ReadonlySet<string> = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_TXN_STATE',
])

/** What holds for all rows of one request. */
export interface AppendTerms {
  readonly acks: number
  readonly now: WallMs
}

/**
 * Validates the row's batch and hands it to its log, which has taken what it needs of the bytes when this returns.
 * Returns false when the row is refused at once; else `done` is called later, when it has its answer.
 */
export function appendRow(
  row: ProduceRow,
  topic: TopicView,
  terms: AppendTerms,
  context: RequestContext,
  done: () => void,
): boolean {
  const partition = context.services.partitions.find(topic, row.index)
  if (partition === null) {
    row.refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    return false
  }
  const refusal = partitionError(partition, terms.acks, context)
  if (refusal !== ErrorCode.NONE) {
    refuseByLeadership(row, partition, refusal, context.version)
    return false
  }
  const { log, settings } = partition
  const rules = produceRulesOf(settings, context.services.settings.recordValidation)
  const verdict = validateProduced(row.records ?? NO_RECORDS, context.version, rules, terms.now)
  if (!verdict.ok) {
    refuseRecords(row, verdict, partition)
    return false
  }
  const { batch, header } = verdict
  const { transaction } = row
  if (transaction !== null) {
    const error = transactionError(transaction, log, header, context)
    if (error !== ErrorCode.NONE) {
      row.refuse(error)
      row.logStartOffset = log.startOffset
      return false
    }
  }
  const durability: Durability = terms.acks === ACKS_ALL || topic.isInternal ? 'flushed' : 'written'
  if (settings.timestampType === 'LogAppendTime') row.logAppendTimeMs = header.maxTimestamp
  row.pending = true
  const request: AppendRequest =
    transaction === null
      ? { batch, header, durability }
      : { batch, header, durability, transactionVersion: transaction.version }
  const { length: batchBytes } = batch
  const { recordsCount } = header
  log.append(request, (result) => {
    row.pending = false
    take(row, result)
    if (result.ok && !result.duplicate) countAppended(topic, recordsCount, batchBytes, context)
    if (transaction !== null && result.ok) context.services.firstSequences.forget(log, header.producerId)
    if (terms.acks === ACKS_ALL && !row.refused) checkInSyncAfter(row, topic, context)
    done()
  })
  return true
}

function countAppended(topic: TopicView, recordsCount: number, batchBytes: number, context: RequestContext): void {
  const counters = countersOf(topic, context)
  counters.messagesIn += recordsCount
  counters.bytesIn += batchBytes
}

/** The coordinator's word is good as long as the transaction has not ended here meanwhile. */
function transactionError(
  { admission, needsAdmission }: RowTransaction,
  log: PartitionLog,
  { producerId, baseSequence }: BatchHeader,
  { services }: RequestContext,
): ErrorCode {
  if (admission === null) return needsAdmission ? ErrorCode.NOT_ENOUGH_REPLICAS : ErrorCode.NONE
  if (!admission.stillHolds()) return ErrorCode.INVALID_TXN_STATE
  // A log that knows the producer sees for itself what is out of order. Nor would what was asked about be of any use: a
  // batch of the transaction before, sent twice, may have been the last.
  if (log.standingOf(producerId) !== null) return ErrorCode.NONE
  const isTooEarly = services.firstSequences.isTooEarly(log, producerId, baseSequence)
  return isTooEarly ? ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER : ErrorCode.NONE
}

export function partitionError(
  { topic, view, settings }: LocalPartition,
  acks: number,
  context: RequestContext,
): ErrorCode {
  if (topic.isInternal && context.clientId !== ADMIN_CLIENT_ID) return ErrorCode.INVALID_TOPIC_EXCEPTION
  const leadership = leaderError(view, context.node)
  if (leadership !== ErrorCode.NONE) return leadership
  return acks === ACKS_ALL && !hasEnoughInSync(view, settings) ? ErrorCode.NOT_ENOUGH_REPLICAS : ErrorCode.NONE
}

/** A replica may have gone down while the batch was on its way to the device: it stays, but the client must know. */
function checkInSyncAfter(row: ProduceRow, topic: TopicView, context: RequestContext): void {
  const partition = context.services.partitions.find(topic, row.index)
  if (partition === null || hasEnoughInSync(partition.view, partition.settings)) return
  row.refuse(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND)
  row.baseOffset = -1
  row.logStartOffset = -1
}

function refuseByLeadership(row: ProduceRow, { view }: LocalPartition, errorCode: ErrorCode, version: number): void {
  row.refuse(errorCode)
  if (errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER && version >= CURRENT_LEADER_VERSION_MIN)
    row.currentLeader = { leaderId: view.leader, leaderEpoch: view.leaderEpoch }
}

function refuseRecords(row: ProduceRow, refusal: ProduceRefusal, { log }: LocalPartition): void {
  row.refuse(ErrorCode[refusal.error], refusal.message)
  row.recordErrors = refusal.recordErrors
  if (refusal.logStartKnown) row.logStartOffset = log.startOffset
}

function take(row: ProduceRow, result: AppendResult): void {
  if (result.ok) {
    row.baseOffset = result.baseOffset
    row.logStartOffset = result.logStartOffset
    // A repeat is answered with the first one's time, on topics of create time too.
    if (result.duplicate) row.logAppendTimeMs = result.duplicateTimestamp
  } else {
    row.refuse(ErrorCode[result.error])
    row.logAppendTimeMs = NO_TIMESTAMP
    if (WITH_LOG_START.has(result.error)) row.logStartOffset = result.logStartOffset
  }
}
