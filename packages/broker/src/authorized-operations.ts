import { aclOperations } from './acls/acl-codes.ts'
import { type AclOperation, CLUSTER_RESOURCE, type ResourceType } from './authorizer.ts'
import type { RequestContext } from './request-context.ts'

/** What a request gets that did not ask for the operations. */
export const OPERATIONS_NOT_REQUESTED = -2147483648

/** The operations that make sense on a resource (acl.json). */
const OPERATIONS_OF_RESOURCE = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: ['CREATE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE'],
} as const satisfies Partial<Record<ResourceType, readonly AclOperation[]>>

/** What the principal may do with the resource: a bit for each operation, at its code's place (KIP-430). */
export function authorizedOperations(
  context: RequestContext,
  resource: keyof typeof OPERATIONS_OF_RESOURCE,
  name: string,
): number {
  let bits = 0
  for (const operation of OPERATIONS_OF_RESOURCE[resource]) {
    if (context.authorize(operation, resource, name)) bits |= 1 << aclOperations.codeOf(operation)
  }
  return bits
}

/** The same of the cluster; without the right to describe it the operations are 0, where a topic's or a group's are an error. */
export function clusterOperations(context: RequestContext): number {
  if (!context.authorize('DESCRIBE', 'CLUSTER', CLUSTER_RESOURCE)) return 0
  return authorizedOperations(context, 'CLUSTER', CLUSTER_RESOURCE)
}
