import { ErrorCode, IncrementalAlterConfigs, type IncrementalAlterConfigsRequest } from '@odradek/protocol'
import { alterConfigs, type ResourceToAlter } from '../config/alter-configs.ts'
import { handler } from '../handler.ts'
import type { ConfigChange } from '../metadata/controller.ts'

/** By the wire's number. */
const OPERATIONS = ['SET', 'DELETE', 'APPEND', 'SUBTRACT'] as const

/**
 * IncrementalAlterConfigs 0-1 (KIP-339): sets and removes single configs, or elements of lists. An operation that is none
 * of these is answered with INVALID_REQUEST; Kafka's controller gives up its office over it.
 */
export const incrementalAlterConfigs = handler(
  IncrementalAlterConfigs,
  [0, 1],
  async ({ resources, validateOnly }, context) => ({
    responses: await alterConfigs(resources.map(resourceToAlter), false, validateOnly, context),
  }),
  {
    onBug: ({ resources }) => ({
      responses: resources.map(({ resourceType, resourceName }) => ({
        errorCode: ErrorCode.UNKNOWN_SERVER_ERROR,
        errorMessage: null,
        resourceType,
        resourceName,
      })),
    }),
  },
)

function resourceToAlter(resource: IncrementalAlterConfigsRequest['resources'][number]): ResourceToAlter {
  const { resourceType, resourceName, configs } = resource
  const operations: ConfigChange['operations'][number][] = []
  for (const { name, configOperation, value } of configs) {
    const operation = OPERATIONS[configOperation]
    if (operation === undefined) return { resourceType, resourceName, operations: null }
    operations.push({ name, operation, value })
  }
  return { resourceType, resourceName, operations }
}
