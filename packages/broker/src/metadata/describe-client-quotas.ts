import { type ClientQuota, type ClientQuotas, type QuotaEntityType, quotaEntityType } from './client-quota.ts'
import type { Outcome } from './controller.ts'
import { failed } from './decision.ts'

/** Kafka's numbers for what a name may be. */
const MATCH_EXACT = 0
const MATCH_DEFAULT = 1
const MATCH_ANY = 2

export interface QuotaFilterComponent {
  readonly entityType: string
  readonly matchType: number
  readonly match: string | null
}

/** What entities must have. */
interface QuotaFilter {
  /** Null: the default. */
  readonly names: ReadonlyMap<QuotaEntityType, string | null>
  /** With any name, or as the default. */
  readonly types: ReadonlySet<QuotaEntityType>
  /** And nothing beside these. */
  readonly isStrict: boolean
}

/** The quotas that match; or why the filter is none. */
export function describeClientQuotas(
  components: readonly QuotaFilterComponent[],
  isStrict: boolean,
  quotas: ClientQuotas,
): readonly ClientQuota[] | Outcome {
  const filter = filterOf(components, isStrict)
  if ('error' in filter) return filter
  return Array.from(quotas.all()).filter((quota) => matches(quota, filter))
}

function filterOf(components: readonly QuotaFilterComponent[], isStrict: boolean): QuotaFilter | Outcome {
  const names = new Map<QuotaEntityType, string | null>()
  const types = new Set<QuotaEntityType>()
  for (const component of components) {
    const { entityType, matchType, match } = component
    if (entityType === '') return refused('Invalid empty entity type.')
    const type = quotaEntityType(entityType)
    if (type === null) return failed('UNSUPPORTED_VERSION', `Unsupported entity type ${entityType}`)
    if (names.has(type) || types.has(type)) return refused(`Entity type ${type} cannot appear more than once.`)
    const problem = matchProblem(component)
    if (problem !== null) return problem
    if (matchType === MATCH_ANY) types.add(type)
    else names.set(type, match)
  }
  if (names.size + types.size > 1 && (names.has('ip') || types.has('ip'))) {
    return refused('Entity type ip cannot be combined with user or client-id.')
  }
  return { names, types, isStrict }
}

function matchProblem({ entityType, matchType, match }: QuotaFilterComponent): Outcome | null {
  switch (matchType) {
    case MATCH_EXACT:
      return match === null ? refused(`An exact match of ${entityType} needs a name.`) : null
    case MATCH_DEFAULT:
    case MATCH_ANY:
      return match === null ? null : refused(`Only an exact match of ${entityType} can have a name, not '${match}'.`)
    default:
      return refused(`Unknown match type ${matchType}`)
  }
}

function matches({ entity }: ClientQuota, { names, types, isStrict }: QuotaFilter): boolean {
  if (isStrict && entity.length !== names.size + types.size) return false
  for (const [type, name] of names) if (!entity.some((part) => part.type === type && part.name === name)) return false
  for (const type of types) if (!entity.some((part) => part.type === type)) return false
  return true
}

function refused(message: string): Outcome {
  return failed('INVALID_REQUEST', message)
}
