import { ElectLeaders, type ElectLeadersRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { within } from '../metadata/within.ts'

type Response = ResponseOf<typeof ElectLeaders>

const PREFERRED = 0
const UNCLEAN = 1

/**
 * ElectLeaders 0-2 (KIP-183, KIP-460): gives partitions to their preferred replica, and from 1 on also to one that is not
 * in sync. No list means all partitions; of these only those that needed an election have a row.
 */
export const electLeaders = handler(
  ElectLeaders,
  [0, 2],
  async (request, context): Promise<Response> => {
    const { electionType } = request
    const { version } = context
    if (!context.authorize('ALTER', 'CLUSTER', CLUSTER_RESOURCE))
      return refused(request, version, ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.')
    // As in Kafka, what is late already is not begun.
    if (request.timeoutMs <= 0) return refused(request, version, ErrorCode.REQUEST_TIMED_OUT, null)
    // Kafka looks at the type only when it elects somebody.
    if (request.topicPartitions?.length === 0) return refused(request, version, ErrorCode.NONE, null)
    if (electionType !== PREFERRED && electionType !== UNCLEAN)
      return refused(request, version, ErrorCode.INVALID_REQUEST, `Unknown election type ${electionType}`)
    const { clock, controller } = context.services
    const work = controller.electLeaders({
      type: electionType === PREFERRED ? 'preferred' : 'unclean',
      topics: request.topicPartitions,
    })
    const results = await within(clock, request.timeoutMs, work)
    if (results === null) return refused(request, version, ErrorCode.REQUEST_TIMED_OUT, null)
    return {
      errorCode: ErrorCode.NONE,
      replicaElectionResults: results.map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map(({ index, error, message }) => ({
          partitionId: index,
          errorCode: ErrorCode[error],
          errorMessage: message,
        })),
      })),
    }
  },
  { onBug: (request, version) => refused(request, version, ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

function refused(
  request: ElectLeadersRequest,
  version: number,
  errorCode: ErrorCode,
  errorMessage: string | null,
): Response {
  return {
    // The first version knows errors of partitions only.
    errorCode: version === 0 ? ErrorCode.NONE : errorCode,
    replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
    })),
  }
}
