import { DescribeClientQuotas, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { describeClientQuotas as describe } from '../metadata/describe-client-quotas.ts'

type Response = ResponseOf<typeof DescribeClientQuotas>

/** DescribeClientQuotas 0-1 (KIP-546, ip by KIP-612). */
export const describeClientQuotas = handler(
  DescribeClientQuotas,
  [0, 1],
  ({ components, strict }, context) => {
    if (!context.authorize('DESCRIBE_CONFIGS', 'CLUSTER', CLUSTER_RESOURCE))
      return failed(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'The right to describe quotas is missing')
    const found = describe(components, strict, context.services.clientQuotas)
    if ('error' in found) return failed(ErrorCode[found.error], found.message)
    const entries = found.map(({ entity, values }) => ({
      entity: entity.map(({ type, name }) => ({ entityType: type, entityName: name })),
      values: Array.from(values, ([key, value]) => ({ key, value })),
    }))
    // Kafka's message for "none" is empty here, not null.
    return { errorCode: ErrorCode.NONE, errorMessage: '', entries }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

function failed(errorCode: ErrorCode, errorMessage: string | null): Omit<Response, 'throttleTimeMs'> {
  return { errorCode, errorMessage, entries: null }
}
