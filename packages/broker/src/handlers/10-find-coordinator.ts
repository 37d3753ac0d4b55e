import { present } from '@odradek/core'
import { ErrorCode, FindCoordinator, type FindCoordinatorRequest } from '@odradek/protocol'
import type { ResourceType } from '../authorizer.ts'
import { OFFSETS_TOPIC } from '../groups/offsets-topic.ts'
import { handler } from '../handler.ts'
import { inSlices } from '../in-slices.ts'
import type { RequestContext } from '../request-context.ts'
import type { GroupCoordinators, Services, TransactionCoordinators } from '../services.ts'
import { TRANSACTION_TOPIC } from '../transactions/transaction-topic.ts'

/** What there is a coordinator of. */
interface CoordinatedKind {
  readonly topic: string
  readonly resource: ResourceType
  readonly refusal: ErrorCode
  coordinators(services: Services): GroupCoordinators | TransactionCoordinators
}

const KINDS: ReadonlyMap<number, CoordinatedKind> = new Map<number, CoordinatedKind>([
  [
    0,
    {
      topic: OFFSETS_TOPIC,
      resource: 'GROUP',
      refusal: ErrorCode.GROUP_AUTHORIZATION_FAILED,
      coordinators: ({ groups }) => groups,
    },
  ],
  [
    1,
    {
      topic: TRANSACTION_TOPIC,
      resource: 'TRANSACTIONAL_ID',
      refusal: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      coordinators: ({ transactions }) => transactions,
    },
  ],
])

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
 * FindCoordinator 0-6, for groups and transactions; the first use makes the topic that holds them. Share groups (key
 * type 2) are not served.
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
    slices: inSlices({
      rows: ({ coordinatorKeys }) => coordinatorKeys,
      only: (request, coordinatorKeys) => ({ ...request, coordinatorKeys: [...coordinatorKeys] }),
      key: (key) => key,
      join: ([first, ...rest]) => ({
        ...present(first, 'there is a slice'),
        coordinators: [first, ...rest].flatMap((response) => response?.coordinators ?? []),
      }),
    }),
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
  const kind = KINDS.get(keyType)
  if (kind === undefined) return failed(ErrorCode.INVALID_REQUEST, `coordinators of type ${keyType} are not served`)
  if (!context.authorize('DESCRIBE', kind.resource, key)) return failed(kind.refusal)
  const { cluster, controller } = context.services
  if (cluster.topic(kind.topic) === undefined) await controller.autoCreateTopics([kind.topic])
  const id = kind.coordinators(context.services).coordinatorOf(key)
  const node = id === null ? undefined : cluster.node(id)
  const endpoint = node?.endpoints.get(context.connection.listener)
  if (node === undefined || endpoint === undefined) return failed(ErrorCode.COORDINATOR_NOT_AVAILABLE)
  return { errorCode: ErrorCode.NONE, errorMessage: '', nodeId: node.id, host: endpoint.host, port: endpoint.port }
}

function failed(errorCode: ErrorCode, errorMessage: string | null = null): Found {
  return { errorCode, errorMessage, nodeId: -1, host: '', port: -1 }
}
