import { ErrorCode, UnregisterController } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'

/** UnregisterController 0, as a cluster answers that has one controller, which is active: it stays, and there is no other. */
export const unregisterController = handler(
  UnregisterController,
  [0, 0],
  ({ controllerId }, context) => {
    if (!context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE))
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, errorMessage: 'Cluster authorization failed.' }
    if (controllerId === context.services.controller.quorum().leader) {
      const errorMessage = 'Controller cannot unregister itself while it is active.'
      return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage }
    }
    const errorMessage = `Controller ID ${controllerId} is not currently registered.`
    return { errorCode: ErrorCode.CONTROLLER_ID_NOT_REGISTERED, errorMessage }
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage: null }) },
)
