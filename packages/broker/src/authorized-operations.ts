import type { AclOperation, ResourceType } from './authorizer.ts'
import type { RequestContext } from './request-context.ts'

/** What a request gets that did not ask for the operations. */
export const OPERATIONS_NOT_REQUESTED = -2147483648

/** The operations that make sense on a resource, each with its code (acl.json): the bit that stands for it. */
const OPERATIONS_OF_RESOURCE = {
  TOPIC: [
    ['READ', 3],
    ['WRITE', 4],
    ['CREATE', 5],
    ['DELETE', 6],
    ['ALTER', 7],
    ['DESCRIBE', 8],
    ['DESCRIBE_CONFIGS', 10],
    ['ALTER_CONFIGS', 11],
  ],
  GROUP: [
    ['READ', 3],
    ['DELETE', 6],
    ['DESCRIBE', 8],
    ['DESCRIBE_CONFIGS', 10],
    ['ALTER_CONFIGS', 11],
  ],
  CLUSTER: [
    ['CREATE', 5],
    ['ALTER', 7],
    ['DESCRIBE', 8],
    ['CLUSTER_ACTION', 9],
    ['DESCRIBE_CONFIGS', 10],
    ['ALTER_CONFIGS', 11],
    ['IDEMPOTENT_WRITE', 12],
  ],
} as const satisfies Partial<Record<ResourceType, readonly (readonly [AclOperation, number])[]>>

/** The bit field of what the principal may do with the resource (KIP-430). */
export function authorizedOperations(
  context: RequestContext,
  resource: keyof typeof OPERATIONS_OF_RESOURCE,
  name: string,
): number {
  let bits = 0
  for (const [operation, code] of OPERATIONS_OF_RESOURCE[resource]) {
    if (context.authorize(operation, resource, name)) bits |= 1 << code
  }
  return bits
}
