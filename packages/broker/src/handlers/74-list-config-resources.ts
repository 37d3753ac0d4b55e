import { ErrorCode, ListConfigResources, type ResponseOf } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { configResourceCode, configResourceOf } from '../config/config-resource.ts'
import { handler } from '../handler.ts'
import type { ConfigResourceType } from '../metadata/controller.ts'
import type { Services } from '../services.ts'

type Response = ResponseOf<typeof ListConfigResources>

const EVERY_TYPE: readonly ConfigResourceType[] = ['TOPIC', 'BROKER', 'BROKER_LOGGER', 'CLIENT_METRICS', 'GROUP']

/** ListConfigResources 0-1 (KIP-1142). 0 was made for client metrics alone; from 1 on a client names kinds, none for all. */
export const listConfigResources = handler(
  ListConfigResources,
  [0, 1],
  (request, context): Response => {
    if (!context.authorize('DESCRIBE_CONFIGS', 'CLUSTER', CLUSTER_RESOURCE)) {
      return failed(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    }
    const types = context.version === 0 ? ['CLIENT_METRICS' as const] : typesOf(request.resourceTypes)
    if (types === null) return failed(ErrorCode.UNSUPPORTED_VERSION)
    return {
      errorCode: ErrorCode.NONE,
      configResources: types.flatMap((type) => {
        const resourceType = configResourceCode(type)
        return namesOf(type, context.services).map((resourceName) => ({ resourceName, resourceType }))
      }),
    }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

/** Each kind once; null when one of them is none. */
function typesOf(codes: readonly number[]): readonly ConfigResourceType[] | null {
  if (codes.length === 0) return EVERY_TYPE
  const types = new Set<ConfigResourceType>()
  for (const code of codes) {
    const type = configResourceOf(code)
    if (type === undefined) return null
    types.add(type)
  }
  return [...types]
}

/** Topics and brokers all have configs; groups and client metrics only if some were set. */
function namesOf(type: ConfigResourceType, { cluster, configs }: Services): readonly string[] {
  switch (type) {
    case 'TOPIC':
      return Array.from(cluster.topics(), ({ name }) => name)
    case 'BROKER':
    case 'BROKER_LOGGER':
      return cluster.nodes().map(({ id }) => String(id))
    default:
      return configs.configured(type)
  }
}

function failed(errorCode: ErrorCode): Response {
  return { errorCode, configResources: [] }
}
