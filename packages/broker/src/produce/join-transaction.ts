import { ErrorCode } from '@odradek/protocol'
import { type BatchHeader, readBatchHeader } from '@odradek/records'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'
import { type Admission, admitToTransaction } from '../transactions/admit-to-transaction.ts'
import { partitionError } from './append-row.ts'
import type { ProduceRow } from './produce-row.ts'
import type { ProduceTopic } from './produce-topics.ts'
import { isTransactional } from './transactional.ts'

/** From this version of Produce on a partition comes into the transaction by being written to (KIP-890). */
const ADDS_PARTITIONS_VERSION_MIN = 12
/** From this version on clients have a code for "end this transaction, then go on". */
const TRANSACTION_ABORTABLE_VERSION_MIN = 11

/** A transactional batch of a request, and where it goes. */
interface TransactionalRow {
  readonly row: ProduceRow
  readonly partition: LocalPartition
  readonly header: BatchHeader
}

/**
 * Sees to it that the partitions of transactional batches are in the transaction, and refuses the rows of those that are
 * not. The code is for the whole request. A promise only where the coordinator has to be asked: then the rows have
 * copies of their records, and the connection's next request waits.
 */
export function joinTransaction(
  topics: readonly ProduceTopic[],
  transactionalId: string,
  acks: number,
  context: RequestContext,
): ErrorCode | Promise<void> {
  const batches = transactionalBatches(topics)
  const [first] = batches
  if (first === undefined) return ErrorCode.NONE
  const { producerId, producerEpoch } = first.header
  if (batches.some(({ header }) => header.producerId !== producerId || header.producerEpoch !== producerEpoch))
    return ErrorCode.INVALID_PRODUCER_ID_MAPPING

  const { version, services } = context
  const adds = version >= ADDS_PARTITIONS_VERSION_MIN
  const rows: TransactionalRow[] = []
  for (const { topic, row, header } of batches) {
    const partition = services.partitions.find(topic, row.index)
    row.transaction = { version: adds ? 2 : 0, admission: null, needsAdmission: false }
    // Else the append refuses it.
    if (partition !== null && partitionError(partition, acks, context) === ErrorCode.NONE)
      rows.push({ row, partition, header })
  }
  if (!adds && !services.settings.transactionPartitionVerificationEnable) return ErrorCode.NONE
  const admitted = admitToTransaction(
    { transactionalId, producerId, producerEpoch },
    rows.map(({ partition }) => partition),
    { addsPartitions: adds, knowsTransactionAbortable: version >= TRANSACTION_ABORTABLE_VERSION_MIN },
    services,
  )
  if (!(admitted instanceof Promise)) return ErrorCode.NONE
  context.keepNextWaiting()
  for (const { rows: all } of topics) for (const row of all) row.copyRecords()
  // Also of those that nobody is asked about: meanwhile their partition may become one that takes batches.
  for (const { row } of batches)
    if (row.transaction !== null) row.transaction = { ...row.transaction, needsAdmission: true }
  for (const { partition, header } of rows)
    services.firstSequences.note(partition.log, producerId, producerEpoch, header.baseSequence)
  return admitted.then((admissions) => {
    for (const [index, admission] of admissions.entries()) take(rows[index]?.row, admission, adds)
  })
}

function transactionalBatches(topics: readonly ProduceTopic[]) {
  return topics.flatMap(({ topic, rows }) =>
    rows.flatMap((row) => {
      const { records } = row
      if (topic === null || row.refused || records === null || !isTransactional(records)) return []
      const header = readBatchHeader(records)
      // Without a producer it is refused for that.
      return header.producerId < 0n ? [] : [{ topic, row, header }]
    }),
  )
}

function take(row: ProduceRow | undefined, admission: Admission, adds: boolean): void {
  if (row === undefined || row.transaction === null) return
  row.transaction = { ...row.transaction, admission }
  if (admission.errorCode === ErrorCode.NONE) return
  const errorCode = producedCode(admission.errorCode, adds)
  row.refuse(errorCode, MESSAGES.get(errorCode) ?? null)
}

const MESSAGES: ReadonlyMap<ErrorCode, string> = new Map([
  [ErrorCode.INVALID_TXN_STATE, 'the partition is not in the transaction'],
  [ErrorCode.NOT_ENOUGH_REPLICAS, 'the coordinator of the transaction cannot say yet whether the partition is in it'],
])

/** What old clients would take amiss becomes something that they try again without asking for new metadata. */
function producedCode(errorCode: ErrorCode, adds: boolean): ErrorCode {
  switch (errorCode) {
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.NOT_COORDINATOR:
      return ErrorCode.NOT_ENOUGH_REPLICAS
    case ErrorCode.CONCURRENT_TRANSACTIONS:
      return adds ? errorCode : ErrorCode.NOT_ENOUGH_REPLICAS
    default:
      return errorCode
  }
}
