import { ErrorCode } from '@odradek/protocol'
import { mapInTurns, nextTurn } from '../in-turns.ts'
import type { ConfigChange, Outcome } from '../metadata/controller.ts'
import type { RequestContext } from '../request-context.ts'
import { alterLoggers } from './alter-loggers.ts'
import { authorizeConfigs, configResourceOf, isNameOf } from './config-resource.ts'

/** A resource of AlterConfigs or IncrementalAlterConfigs; `operations` null: one of its operations is unknown. */
export interface ResourceToAlter {
  readonly resourceType: number
  readonly resourceName: string
  readonly operations: ConfigChange['operations'] | null
}

export interface AlteredRow {
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
}

/** Resources decided and recorded together; between two such parts of a large request others have their turn. */
const RESOURCES_PER_COMMAND_MAX = 500

/** What both ways of altering configs have in common: rights, and the controller's verdict for each resource. */
export async function alterConfigs(
  resources: readonly ResourceToAlter[],
  replaceAll: boolean,
  validateOnly: boolean,
  context: RequestContext,
): Promise<readonly AlteredRow[]> {
  const { clock, controller } = context.services
  const repeated = repeatedKeys(resources)
  const plans = await mapInTurns(clock, resources, (resource) =>
    repeated.has(keyOf(resource))
      ? refuse(resource, ErrorCode.INVALID_REQUEST, 'The resource is named twice in the request')
      : plan(resource, replaceAll, validateOnly, context),
  )
  const changes = plans.flatMap(({ change }) => change ?? [])
  const outcomes: Outcome[] = []
  for (let at = 0; at < changes.length; at += RESOURCES_PER_COMMAND_MAX) {
    const part = changes.slice(at, at + RESOURCES_PER_COMMAND_MAX)
    outcomes.push(...(await controller.alterConfigs(context.node, part, validateOnly)))
    if (at + part.length < changes.length) await nextTurn(clock)
  }
  let next = 0
  return plans.map(({ row, change }) => {
    const outcome = change === null ? undefined : outcomes[next++]
    return outcome === undefined ? row : { ...row, errorCode: ErrorCode[outcome.error], errorMessage: outcome.message }
  })
}

function keyOf({ resourceType, resourceName }: ResourceToAlter): string {
  return `${resourceType} ${resourceName}`
}

function repeatedKeys(resources: readonly ResourceToAlter[]): ReadonlySet<string> {
  const seen = new Set<string>()
  return new Set(resources.map(keyOf).filter((key) => seen.has(key) || !seen.add(key)))
}

interface Plan {
  /** Null: answered without the controller. */
  readonly change: ConfigChange | null
  readonly row: AlteredRow
}

function plan(resource: ResourceToAlter, replaceAll: boolean, validateOnly: boolean, context: RequestContext): Plan {
  const { resourceType, resourceName, operations } = resource
  const type = configResourceOf(resourceType)
  if (type === undefined) return refuse(resource, ErrorCode.INVALID_REQUEST, `Resource type ${resourceType} is unknown`)
  const denied = authorizeConfigs(context, 'ALTER_CONFIGS', type, resourceName)
  if (denied !== ErrorCode.NONE) return refuse(resource, denied, 'The right to alter these configs is missing')
  if (operations === null) return refuse(resource, ErrorCode.INVALID_REQUEST, 'An operation of the request is unknown')
  const isThisNode = (type === 'BROKER' || type === 'BROKER_LOGGER') && isNameOf(context.node, resourceName)
  const name = isThisNode ? String(context.node) : resourceName
  const change = { type, name, replaceAll, operations }
  if (type !== 'BROKER_LOGGER') return { change, row: rowOf(resource, ErrorCode.NONE, null) }
  const { error, message } = alterLoggers(change, validateOnly, context)
  return refuse(resource, ErrorCode[error], message)
}

function refuse(resource: ResourceToAlter, errorCode: ErrorCode, errorMessage: string | null): Plan {
  return { change: null, row: rowOf(resource, errorCode, errorMessage) }
}

function rowOf(resource: ResourceToAlter, errorCode: ErrorCode, errorMessage: string | null): AlteredRow {
  const { resourceType, resourceName } = resource
  return { errorCode, errorMessage, resourceType, resourceName }
}
