import { ErrorCode, type ResponseOf, UnregisterBroker } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'

type Response = ResponseOf<typeof UnregisterBroker>

/**
 * UnregisterBroker 0: forgets a node that is down. Differs from Kafka on purpose: one that is up stays, where Kafka's would
 * go on running without being part of the cluster.
 */
export const unregisterBroker = handler(
  UnregisterBroker,
  [0, 0],
  async ({ brokerId }, context): Promise<Response> => {
    if (!context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE))
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, errorMessage: 'Cluster authorization failed.' }
    const { error, message } = await context.services.controller.unregisterNode(brokerId)
    return { errorCode: ErrorCode[error], errorMessage: message ?? '' }
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage: null }) },
)
