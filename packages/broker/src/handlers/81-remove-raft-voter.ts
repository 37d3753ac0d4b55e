import { ErrorCode, RemoveRaftVoter } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { voterProblem } from '../metadata/voter-problem.ts'

/** RemoveRaftVoter 0 (KIP-853), as a cluster answers whose voters were configured (kraft.version 0): they stay. */
export const removeRaftVoter = handler(
  RemoveRaftVoter,
  [0, 0],
  (request, context) => {
    if (!context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE))
      return { errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, errorMessage: 'Cluster authorization failed.' }
    const errorMessage = "Cluster doesn't support removing voter because the kraft.version feature is 0"
    const unsupported = { errorCode: ErrorCode.UNSUPPORTED_VERSION, errorMessage }
    return voterProblem(request, context.services.cluster, 'Remove') ?? unsupported
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage: null }) },
)
