import { DescribeCluster, type DescribeClusterRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { clusterOperations, OPERATIONS_NOT_REQUESTED } from '../authorized-operations.ts'
import { handler } from '../handler.ts'
import { controllerOf, reachableNodes } from '../metadata/reachable-nodes.ts'
import type { RequestContext } from '../request-context.ts'

type Response = ResponseOf<typeof DescribeCluster>

const BROKERS = 1
const CONTROLLERS = 2

/**
 * DescribeCluster 0-2. From 1 on a client says whether it means brokers or controllers; we are brokers only. From 2 on it
 * may ask for fenced brokers too (KIP-1073): nodes that are registered and down.
 */
export const describeCluster = handler(
  DescribeCluster,
  [0, 2],
  (request, context) => {
    if (request.endpointType === CONTROLLERS) {
      const message = 'The request asks for controllers, but this listener is a broker’s'
      return failed(ErrorCode.MISMATCHED_ENDPOINT_TYPE, message)
    }
    if (request.endpointType !== BROKERS) {
      return failed(ErrorCode.UNSUPPORTED_ENDPOINT_TYPE, `Endpoint type ${request.endpointType} is unknown`)
    }
    return found(request, context)
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

function found(request: DescribeClusterRequest, context: RequestContext): Response {
  const { cluster } = context.services
  const nodes = reachableNodes(cluster, context.connection.listener)
  return {
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    endpointType: BROKERS,
    clusterId: cluster.clusterId,
    controllerId: controllerOf(nodes),
    brokers: brokersOf(request.includeFencedBrokers, context),
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? clusterOperations(context)
      : OPERATIONS_NOT_REQUESTED,
  }
}

function brokersOf(includeFenced: boolean, { connection, services }: RequestContext): Response['brokers'] {
  return services.cluster.registeredNodes().flatMap(({ node, isFenced }) => {
    const endpoint = node.endpoints.get(connection.listener)
    if (endpoint === undefined || (isFenced && !includeFenced)) return []
    return [{ brokerId: node.id, ...endpoint, rack: node.rack, isFenced }]
  })
}

function failed(errorCode: ErrorCode, errorMessage: string | null): Response {
  return {
    errorCode,
    errorMessage,
    endpointType: BROKERS,
    clusterId: '',
    controllerId: -1,
    brokers: [],
    clusterAuthorizedOperations: OPERATIONS_NOT_REQUESTED,
  }
}
