import { AlterConfigs, ErrorCode } from '@odradek/protocol'
import { alterConfigs as alter } from '../config/alter-configs.ts'
import { handler } from '../handler.ts'

/** AlterConfigs 0-2: a resource's configs become exactly those of the request; what is not named is reset. */
export const alterConfigs = handler(
  AlterConfigs,
  [0, 2],
  async ({ resources, validateOnly }, context) => {
    const changes = resources.map(({ resourceType, resourceName, configs }) => ({
      resourceType,
      resourceName,
      operations: configs.map(({ name, value }) => ({ name, operation: 'SET' as const, value })),
    }))
    return { responses: await alter(changes, true, validateOnly, context) }
  },
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
