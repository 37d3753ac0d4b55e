import { producerId } from '@odradek/core'
import { ErrorCode, InitProducerId, type InitProducerIdRequest } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { NoProducerIdError } from '../metadata/producer-id-blocks.ts'
import type { RequestContext } from '../request-context.ts'
import { askTransaction } from '../transactions/ask-transaction.ts'

/** A client that has no producer id yet says so with -1 in id and epoch. */
const NONE_HELD = -1n

/** Fenced producers hear INVALID_PRODUCER_EPOCH below this version. */
const PRODUCER_FENCED_VERSION_MIN = 4

/**
 * InitProducerId 0-5. Without a transactional id any node gives out a new producer id; with one its coordinator does, or
 * raises the epoch of the one it has. Version 6 is not final in Kafka 4.4, which does not serve it either.
 */
export const initProducerId = handler(
  InitProducerId,
  [0, 5],
  (request, context) =>
    request.transactionalId === null
      ? initIdempotent(request, context)
      : initTransactional(request, request.transactionalId, context),
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

async function initTransactional(
  { transactionTimeoutMs, producerId: heldId, producerEpoch }: InitProducerIdRequest,
  transactionalId: string,
  context: RequestContext,
) {
  if (!context.authorize('WRITE', 'TRANSACTIONAL_ID', transactionalId))
    return failed(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  const answer = await askTransaction<'InitProducerId'>(context, transactionalId, {
    kind: 'InitProducerId',
    transactionalId,
    transactionTimeoutMs,
    producerId: producerId(heldId),
    producerEpoch,
    newProducerId: null,
    knowsProducerFenced: context.version >= PRODUCER_FENCED_VERSION_MIN,
  })
  return { ...failed(answer.errorCode), producerId: answer.producerId, producerEpoch: answer.producerEpoch }
}

async function initIdempotent(
  { producerId: heldId, producerEpoch: heldEpoch }: InitProducerIdRequest,
  context: RequestContext,
) {
  if (!mayProduce(context)) return failed(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
  // Neither is used, but Kafka looks at them before it sees that there is no transactional id.
  if ((heldId === NONE_HELD) !== (heldEpoch === -1)) return failed(ErrorCode.INVALID_REQUEST)
  try {
    const newProducerId = await context.services.producerIds.next(context.node)
    return { ...failed(ErrorCode.NONE), producerId: newProducerId, producerEpoch: 0 }
  } catch (error) {
    if (!(error instanceof NoProducerIdError)) throw error
    // What Kafka says when no block of ids can be had: the client tries again a little later.
    return failed(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
  }
}

/** Who may write any topic may do so idempotently (KIP-679). */
function mayProduce(context: RequestContext): boolean {
  return (
    context.authorize('IDEMPOTENT_WRITE', 'CLUSTER', CLUSTER_RESOURCE) ||
    context.authorizeByResourceType('WRITE', 'TOPIC')
  )
}

function failed(errorCode: ErrorCode) {
  return { errorCode, producerId: -1n, producerEpoch: -1, ongoingTxnProducerId: -1n, ongoingTxnProducerEpoch: -1 }
}
