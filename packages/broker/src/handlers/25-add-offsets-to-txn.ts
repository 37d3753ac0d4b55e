import { producerId } from '@odradek/core'
import { AddOffsetsToTxn, ErrorCode } from '@odradek/protocol'
import { OFFSETS_TOPIC } from '../groups/offsets-topic.ts'
import { handler } from '../handler.ts'
import { askTransaction } from '../transactions/ask-transaction.ts'

/** Fenced producers hear INVALID_PRODUCER_EPOCH below this version. */
const PRODUCER_FENCED_VERSION_MIN = 2

/** AddOffsetsToTxn 0-4: the group's partition of the offsets topic comes into the transaction. */
export const addOffsetsToTxn = handler(
  AddOffsetsToTxn,
  [0, 4],
  async ({ transactionalId, producerId: id, producerEpoch, groupId }, context) => {
    if (!context.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId))
      return { errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
    if (!context.authorize('READ', 'GROUP', groupId)) return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }
    const { cluster, controller, groups } = context.services
    if (cluster.topic(OFFSETS_TOPIC) === undefined) await controller.autoCreateTopics([OFFSETS_TOPIC])
    const offsetsPartitionIndex = groups.partitionOf(groupId)
    if (offsetsPartitionIndex === null) return { errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE }
    const { errorCode } = await askTransaction<'AddOffsetsToTxn'>(context, transactionalId, {
      kind: 'AddOffsetsToTxn',
      transactionalId,
      producerId: producerId(id),
      producerEpoch,
      offsetsPartitionIndex,
      knowsProducerFenced: context.version >= PRODUCER_FENCED_VERSION_MIN,
    })
    return { errorCode }
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }) },
)
