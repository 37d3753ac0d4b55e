import { ErrorCode, FindCoordinator, type FindCoordinatorRequest } from '@odradek/protocol'
import { OFFSETS_TOPIC } from '../groups/offsets-topic.ts'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

const GROUP = 0
const TRANSACTION = 1

/** Several keys in one request, each with its own answer, from this version on (KIP-699). */
const KEYS_VERSION_MIN = 4

interface Found {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

/**
 * FindCoordinator 0-6, for groups. Transactions are not served yet: nobody may use a transactional id, which every
 * client takes as final, where it would ask again and again for a coordinator that is "not available". Share groups
 * (key type 2) are not served either.
 */
export const findCoordinator = handler(
  FindCoordinator,
  [0, 6],
  async (request, context) => {
    const keys = keysOf(request, context.version)
    const found = new Map<string, Found>()
    for (const key of keys) if (!found.has(key)) found.set(key, await find(request.keyType, key, context))
    return responseOf(context.version, keys, (key) => found.get(key) ?? failed(ErrorCode.COORDINATOR_NOT_AVAILABLE))
  },
  {
    onBug: (request, version) =>
      responseOf(version, keysOf(request, version), () => failed(ErrorCode.UNKNOWN_SERVER_ERROR)),
  },
)

function keysOf(request: FindCoordinatorRequest, version: number): readonly string[] {
  return version >= KEYS_VERSION_MIN ? request.coordinatorKeys : [request.key]
}

function responseOf(version: number, keys: readonly string[], find: (key: string) => Found) {
  const coordinators = keys.map((key) => ({ key, ...find(key) }))
  const [first] = coordinators
  if (version < KEYS_VERSION_MIN && first !== undefined) {
    // Kafka says "NONE" here in words, and "" once there are several keys.
    const errorMessage = first.errorCode === ErrorCode.NONE ? 'NONE' : first.errorMessage
    return { ...first, errorMessage, coordinators: [] }
  }
  return { errorCode: 0, errorMessage: null, nodeId: 0, host: '', port: 0, coordinators }
}

async function find(keyType: number, key: string, context: RequestContext): Promise<Found> {
  if (keyType === TRANSACTION)
    return failed(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'transactions are not served by this broker')
  if (keyType !== GROUP) return failed(ErrorCode.INVALID_REQUEST, `coordinators of type ${keyType} are not served`)
  if (!context.authorize('DESCRIBE', 'GROUP', key)) return failed(ErrorCode.GROUP_AUTHORIZATION_FAILED)
  const { groups, cluster, controller } = context.services
  if (cluster.topic(OFFSETS_TOPIC) === undefined) await controller.autoCreateTopics([OFFSETS_TOPIC])
  const id = groups.coordinatorOf(key)
  const node = id === null ? undefined : cluster.node(id)
  const endpoint = node?.endpoints.get(context.connection.listener)
  if (node === undefined || endpoint === undefined) return failed(ErrorCode.COORDINATOR_NOT_AVAILABLE)
  return { errorCode: ErrorCode.NONE, errorMessage: '', nodeId: node.id, host: endpoint.host, port: endpoint.port }
}

function failed(errorCode: ErrorCode, errorMessage: string | null = null): Found {
  return { errorCode, errorMessage, nodeId: -1, host: '', port: -1 }
}
