import { AlterClientQuotas, type AlterClientQuotasRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { handler } from '../handler.ts'
import { HOST_NAMES_MAX, isAddress } from '../host-names.ts'
import {
  type ClientQuotaAlteration,
  QUOTA_CHANGES_MAX,
  quotaChanges,
  tooManyChanges,
} from '../metadata/alter-client-quotas-decision.ts'
import type { ErrorName } from '../metadata/controller.ts'
import type { RequestContext } from '../request-context.ts'

type Row = ResponseOf<typeof AlterClientQuotas>['entries'][number]

interface Entry extends ClientQuotaAlteration {
  /** The entity was named before: Kafka has one row for all of them. */
  isRepeated: boolean
}

/**
 * AlterClientQuotas 0-1 (KIP-546, ip by KIP-612). Where a type is named twice in an entity the last name counts, as in
 * Kafka. An entity that is there twice is refused as a whole; Kafka says so too, but takes the first of its changes over.
 */
export const alterClientQuotas = handler(
  AlterClientQuotas,
  [0, 1],
  async (request, context) => {
    if (!context.authorize('ALTER_CONFIGS', 'CLUSTER', CLUSTER_RESOURCE))
      return everyRow(request, ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'The right to alter quotas is missing')
    const changes = quotaChanges(request.entries.map(({ ops }) => ops.length))
    if (changes > QUOTA_CHANGES_MAX) return everyRow(request, ErrorCode.POLICY_VIOLATION, tooManyChanges(changes))
    const entries = entriesOf(request)
    const unknown = await unknownHosts(entries, context)
    const problems = entries.map((entry) => problemOf(entry, unknown))
    const sound = entries.filter((_, index) => problems[index] === null)
    const outcomes = await context.services.controller.alterClientQuotas(sound, request.validateOnly)
    let next = 0
    const rows = entries.map(({ entity }, index) => {
      const problem = problems[index] ?? null
      if (problem !== null) return row(entity, 'INVALID_REQUEST', problem)
      const { error, message } = outcomes[next++] ?? { error: 'UNKNOWN_SERVER_ERROR', message: null }
      return row(entity, error, message)
    })
    return { entries: rows }
  },
  { onBug: (request) => everyRow(request, ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

/** Each entity once. */
function entriesOf({ entries }: AlterClientQuotasRequest): readonly Entry[] {
  const byKey = new Map<string, Entry>()
  for (const { entity: parts, ops } of entries) {
    const names = new Map(parts.map(({ entityType, entityName }) => [entityType, entityName]))
    const entity = Array.from(names, ([type, name]) => ({ type, name }))
    const key = JSON.stringify([...names].sort(([a], [b]) => (a < b ? -1 : 1)))
    const known = byKey.get(key)
    if (known !== undefined) {
      known.isRepeated = true
      continue
    }
    const operations = ops.map(({ key: quota, value, remove }) => ({ key: quota, value: remove ? null : value }))
    byKey.set(key, { entity, operations, isRepeated: false })
  }
  return [...byKey.values()]
}

/** Names of ip entities that stand for no address. */
async function unknownHosts(entries: readonly Entry[], context: RequestContext): Promise<ReadonlySet<string>> {
  const { hostNames } = context.services
  const names = new Set(
    entries.flatMap(({ entity }) => entity.flatMap(({ type, name }) => (type === 'ip' ? [name] : []))),
  )
  const unknown = new Set<string>()
  let asked = 0
  for (const name of names) {
    if (name === null || name === '') continue
    if (!isAddress(name)) asked += 1
    if (asked > HOST_NAMES_MAX || (await hostNames.addressesOf(name)).length === 0) unknown.add(name)
  }
  return unknown
}

function problemOf({ entity, isRepeated }: Entry, unknown: ReadonlySet<string>): string | null {
  if (isRepeated) return 'The entity is there twice in the request'
  const host = entity.find(({ type, name }) => type === 'ip' && name !== null && unknown.has(name))
  return host === undefined || entity.length > 1 ? null : `${host.name} is not a valid IP or resolvable host.`
}

function row(entity: ClientQuotaAlteration['entity'], error: ErrorName, errorMessage: string | null): Row {
  return {
    errorCode: ErrorCode[error],
    errorMessage,
    entity: entity.map(({ type, name }) => ({ entityType: type, entityName: name })),
  }
}

function everyRow({ entries }: AlterClientQuotasRequest, errorCode: ErrorCode, errorMessage: string | null) {
  return { entries: entries.map(({ entity }) => ({ errorCode, errorMessage, entity })) }
}
