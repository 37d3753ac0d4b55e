import { producerId } from '@odradek/core'
import { EndTxn, ErrorCode } from '@odradek/protocol'
import { handler } from '../handler.ts'
import { askTransaction } from '../transactions/ask-transaction.ts'

/** Fenced producers hear INVALID_PRODUCER_EPOCH below this version. */
const PRODUCER_FENCED_VERSION_MIN = 2
/** From this version on each transaction has its own epoch, and the answer says the next one (KIP-890). */
const EPOCH_PER_TRANSACTION_VERSION_MIN = 5

/** EndTxn 0-5: answered once the end is recorded; the markers follow. */
export const endTxn = handler(
  EndTxn,
  [0, 5],
  async ({ transactionalId, producerId: id, producerEpoch, committed }, context) => {
    if (!context.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId))
      return failed(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    const answer = await askTransaction<'EndTxn'>(context, transactionalId, {
      kind: 'EndTxn',
      transactionalId,
      producerId: producerId(id),
      producerEpoch,
      committed,
      newProducerId: null,
      clientTransactionVersion: context.version >= EPOCH_PER_TRANSACTION_VERSION_MIN ? 2 : 0,
      knowsProducerFenced: context.version >= PRODUCER_FENCED_VERSION_MIN,
    })
    return { errorCode: answer.errorCode, producerId: answer.producerId, producerEpoch: answer.producerEpoch }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function failed(errorCode: ErrorCode) {
  return { errorCode, producerId: -1n, producerEpoch: -1 }
}
