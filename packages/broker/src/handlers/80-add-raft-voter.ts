import { AddRaftVoter, type AddRaftVoterRequest, ErrorCode } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { voterProblem } from '../metadata/voter-problem.ts'
import type { RequestContext } from '../request-context.ts'

/** Of controllers, in Kafka's documentation; there is none here, but a voter that names no endpoint for it is no voter. */
const CONTROLLER_LISTENER = 'CONTROLLER'

/**
 * AddRaftVoter 0-1 (KIP-853), as a cluster answers whose voters were configured (kraft.version 0): after the checks it says
 * that there can be no other voter.
 */
export const addRaftVoter = handler(
  AddRaftVoter,
  [0, 1],
  (request, context) => {
    if (!context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE))
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, errorMessage: 'Cluster authorization failed.' }
    return problemOf(request, context)
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage: null }) },
)

function problemOf(request: AddRaftVoterRequest, context: RequestContext) {
  const problem = voterProblem(request, context.services.cluster, 'Add')
  if (problem !== null) return problem
  if (!request.listeners.some(({ name }) => name === CONTROLLER_LISTENER)) {
    const given = request.listeners.map(({ name, host, port }) => `${name}=${host}:${port}`).join(', ')
    const errorMessage = `Add voter request didn't include the endpoint (${given}) for the default listener ${CONTROLLER_LISTENER}`
    return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage }
  }
  const errorMessage = "Cluster doesn't support adding voter because the kraft.version feature is 0"
  return { errorCode: ErrorCode.UNSUPPORTED_VERSION, errorMessage }
}
