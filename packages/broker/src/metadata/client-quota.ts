/** What a quota is for: Kafka's entity types, in its spelling. */
export type QuotaEntityType = 'user' | 'client-id' | 'ip'

/** A null name: whoever has no quota of its own. */
export interface QuotaEntityPart {
  readonly type: QuotaEntityType
  readonly name: string | null
}

/** One part, or a user and a client id; each type once. */
export type QuotaEntity = readonly QuotaEntityPart[]

export type QuotaKey =
  | 'producer_byte_rate'
  | 'consumer_byte_rate'
  | 'request_percentage'
  | 'controller_mutation_rate'
  | 'connection_creation_rate'

/** The quotas of one entity; there is at least one. */
export interface ClientQuota {
  readonly entity: QuotaEntity
  readonly values: ReadonlyMap<string, number>
}

/** What the metadata log says about quotas at this moment. */
export interface ClientQuotas {
  /** Grows with every change. */
  readonly version: number
  /** Whether any entity has a quota that requests count for: all kinds but that of connections. */
  readonly limitsRequests: boolean
  /** Whether any entity has a quota of this kind. */
  has(key: QuotaKey): boolean
  /** Null where the entity, looked up by `quotaEntityKey`, has no such quota. */
  valueOf(entityKey: string, key: QuotaKey): number | null
  all(): Iterable<ClientQuota>
}

export function quotaEntityType(text: string): QuotaEntityType | null {
  return text === 'user' || text === 'client-id' || text === 'ip' ? text : null
}

/** The same for the same entity, in whatever order its parts are named. */
export function quotaEntityKey(entity: QuotaEntity): string {
  const [first, second] = entity
  if (first === undefined || second === undefined) return first === undefined ? '' : partKey(first)
  return first.type > second.type ? `${partKey(first)} ${partKey(second)}` : `${partKey(second)} ${partKey(first)}`
}

function partKey({ type, name }: QuotaEntityPart): string {
  return `${type}=${name === null ? '' : JSON.stringify(name)}`
}
