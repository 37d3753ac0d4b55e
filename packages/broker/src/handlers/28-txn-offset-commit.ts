import { everyPartition, type OffsetCommitTopic, type TopicResult } from '@odradek/coordinators'
import { producerId } from '@odradek/core'
import { ErrorCode, TxnOffsetCommit, type TxnOffsetCommitRequest } from '@odradek/protocol'
import { askGroup } from '../groups/ask-group.ts'
import { commitRows, everyCommitRow } from '../groups/offset-commit-plan.ts'
import { OFFSETS_TOPIC } from '../groups/offsets-topic.ts'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'
import type { LocalPartition } from '../services.ts'
import { type Admission, admitToTransaction } from '../transactions/admit-to-transaction.ts'

/** Producers before it could not stand COORDINATOR_LOAD_IN_PROGRESS. (KAFKA-7296) */
const LOAD_IN_PROGRESS_VERSION_MIN = 2
const TRANSACTION_ABORTABLE_VERSION_MIN = 4
/** The group's partition is added to the transaction by the commit itself. (KIP-890) */
const ADDS_PARTITION_VERSION_MIN = 5
const TOPIC_ID_VERSION_MIN = 6

type Asked = { readonly topics: readonly TopicResult[] }

/**
 * TxnOffsetCommit 0-6. Members of the group are checked from version 3 (KIP-447); the group's offsets partition must
 * have been added to the transaction up to 4 (AddOffsetsToTxn); topic ids from 6.
 */
export const txnOffsetCommit = handler(
  TxnOffsetCommit,
  [0, 6],
  async (request, context) => {
    const { transactionalId, groupId, topics } = request
    if (!context.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId))
      return everyCommitRow(topics, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    if (!context.authorize('READ', 'GROUP', groupId))
      return everyCommitRow(topics, ErrorCode.GROUP_AUTHORIZATION_FAILED)
    const byId = context.version >= TOPIC_ID_VERSION_MIN
    return commitRows(topics, byId, context, (accepted) => commitInTransaction(request, accepted, context))
  },
  { onBug: ({ topics }) => everyCommitRow(topics, ErrorCode.UNKNOWN_SERVER_ERROR) },
)

async function commitInTransaction(
  request: TxnOffsetCommitRequest,
  topics: readonly OffsetCommitTopic[],
  context: RequestContext,
): Promise<Asked> {
  const { groupId } = request
  const refused = (errorCode: ErrorCode): Asked => ({ topics: everyPartition(topics, clientCode(errorCode, context)) })
  if (groupId === '') return refused(ErrorCode.INVALID_GROUP_ID)
  const partition = partitionOf(groupId, context)
  if (typeof partition === 'number') return refused(partition)
  const admission = await admit(request, partition, context)
  if (admission.errorCode !== ErrorCode.NONE) return refused(admission.errorCode)
  // Nothing is waited for from here until the machine has appended: the transaction cannot end in between.
  if (!admission.stillHolds()) return refused(ErrorCode.INVALID_TXN_STATE)
  const result = await askGroup<'TxnOffsetCommit'>(context, groupId, {
    kind: 'TxnOffsetCommit',
    groupId,
    producerId: producerId(request.producerId),
    producerEpoch: request.producerEpoch,
    generationIdOrMemberEpoch: request.generationIdOrMemberEpoch,
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    topics,
  })
  return {
    topics: result.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((row) => ({ ...row, errorCode: clientCode(row.errorCode, context) })),
    })),
  }
}

/** Where the group's offsets are, if the node that was asked coordinates it. */
function partitionOf(groupId: string, { services, node }: RequestContext): LocalPartition | ErrorCode {
  const { cluster, groups, partitions } = services
  const topic = cluster.topic(OFFSETS_TOPIC)
  const index = groups.partitionOf(groupId)
  if (topic === undefined || index === null) return ErrorCode.COORDINATOR_NOT_AVAILABLE
  const partition = groups.coordinatorOf(groupId) === node ? partitions.find(topic, index) : null
  return partition ?? ErrorCode.NOT_COORDINATOR
}

async function admit(
  { transactionalId, producerId: id, producerEpoch }: TxnOffsetCommitRequest,
  partition: LocalPartition,
  { version, services }: RequestContext,
): Promise<Pick<Admission, 'errorCode' | 'stillHolds'>> {
  const [admission] = await admitToTransaction(
    { transactionalId, producerId: producerId(id), producerEpoch },
    [partition],
    {
      addsPartitions: version >= ADDS_PARTITION_VERSION_MIN,
      knowsTransactionAbortable: version >= TRANSACTION_ABORTABLE_VERSION_MIN,
    },
    services,
  )
  return admission ?? { errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, stillHolds: () => false }
}

function clientCode(errorCode: ErrorCode, { version }: RequestContext): ErrorCode {
  const isTooNew = errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS && version < LOAD_IN_PROGRESS_VERSION_MIN
  return isTooNew ? ErrorCode.COORDINATOR_NOT_AVAILABLE : errorCode
}
