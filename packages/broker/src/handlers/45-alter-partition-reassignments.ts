import {
  AlterPartitionReassignments,
  type AlterPartitionReassignmentsRequest,
  ErrorCode,
  type ResponseOf,
} from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { within } from '../metadata/within.ts'

type Response = ResponseOf<typeof AlterPartitionReassignments>

/**
 * AlterPartitionReassignments 0-1 (KIP-455): moves partitions to other replicas, null takes a move back. Answered when the
 * move has begun; it is over as soon as all who are added are up. From 1 on a change of the replication factor can be ruled out.
 */
export const alterPartitionReassignments = handler(
  AlterPartitionReassignments,
  [0, 1],
  async (request, context): Promise<Response> => {
    if (!context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE))
      return refused(request, ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.')
    if (request.timeoutMs <= 0) return refused(request, ErrorCode.REQUEST_TIMED_OUT, null)
    const { allowReplicationFactorChange } = request
    const { clock, controller } = context.services
    const work = controller.reassignPartitions({
      allowsReplicationFactorChange: allowReplicationFactorChange,
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, replicas }) => ({ index: partitionIndex, replicas })),
      })),
    })
    const results = await within(clock, request.timeoutMs, work)
    if (results === null) return refused(request, ErrorCode.REQUEST_TIMED_OUT, null)
    return {
      allowReplicationFactorChange,
      errorCode: ErrorCode.NONE,
      errorMessage: results.length === 0 ? '' : null,
      responses: results.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ index, error, message }) => ({
          partitionIndex: index,
          errorCode: ErrorCode[error],
          errorMessage: message,
        })),
      })),
    }
  },
  { onBug: (request) => refused(request, ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

function refused(
  request: AlterPartitionReassignmentsRequest,
  errorCode: ErrorCode,
  errorMessage: string | null,
): Response {
  return {
    allowReplicationFactorChange: request.allowReplicationFactorChange,
    errorCode,
    errorMessage,
    responses: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage })),
    })),
  }
}
