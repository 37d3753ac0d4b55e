import { ErrorCode, InitProducerId } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { NoProducerIdError } from '../metadata/producer-id-blocks.ts'
import type { RequestContext } from '../request-context.ts'

/** A client that has no producer id yet says so with -1 in id and epoch. */
const NONE_HELD = -1n

/**
 * InitProducerId 0-5, for idempotent producers. Version 6 is not final in Kafka 4.4, which does not serve it either.
 * With a transactional id the answer is as in FindCoordinator: nobody may use one, since transactions are not served yet.
 */
export const initProducerId = handler(
  InitProducerId,
  [0, 5],
  async ({ transactionalId, producerId: heldId, producerEpoch: heldEpoch }, context) => {
    if (transactionalId === '') return failed(ErrorCode.INVALID_REQUEST)
    if (transactionalId !== null) return failed(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    if (!mayProduce(context)) return failed(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    try {
      // Neither is used, but Kafka looks at them before it sees that there is no transactional id.
      if ((heldId === NONE_HELD) !== (heldEpoch === -1)) return failed(ErrorCode.INVALID_REQUEST)
      const producerId = await context.services.producerIds.next(context.node)
      return { ...failed(ErrorCode.NONE), producerId, producerEpoch: 0 }
    } catch (error) {
      if (!(error instanceof NoProducerIdError)) throw error
      // What Kafka says when no block of ids can be had: the client tries again a little later.
      return failed(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

/** Who may write any topic may do so idempotently (KIP-679). */
function mayProduce(context: RequestContext): boolean {
  if (context.authorize('IDEMPOTENT_WRITE', 'CLUSTER', CLUSTER_RESOURCE)) return true
  for (const { name } of context.services.cluster.topics()) if (context.authorize('WRITE', 'TOPIC', name)) return true
  return false
}

function failed(errorCode: ErrorCode) {
  return { errorCode, producerId: -1n, producerEpoch: -1, ongoingTxnProducerId: -1n, ongoingTxnProducerEpoch: -1 }
}
