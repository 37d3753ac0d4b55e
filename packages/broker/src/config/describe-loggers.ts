import type { RequestContext } from '../request-context.ts'
import { LOGGER_TABLE } from './broker-loggers.ts'
import { isNameOf } from './config-resource.ts'
import type { ConfigsDescription } from './configs.ts'
import type { KeyFilter } from './describe-configs.ts'

/** The node's loggers with the levels in force. They have no type, no synonyms and no default. */
export function describeLoggers(
  { node, services }: RequestContext,
  resourceName: string,
  isAsked: KeyFilter,
): ConfigsDescription {
  const { loggers } = services
  if (!isNameOf(node, resourceName)) {
    return { entries: [], problem: `Unexpected broker id '${resourceName}': expected ${node}` }
  }
  const entries = loggers
    .names()
    .filter(isAsked)
    .map((name) => ({
      name,
      value: loggers.level(name),
      source: 'DYNAMIC_BROKER_LOGGER_CONFIG' as const,
      isSensitive: false,
      isReadOnly: false,
      type: null,
      synonyms: [],
      documentation: LOGGER_TABLE[name],
    }))
  return { entries, problem: null }
}
