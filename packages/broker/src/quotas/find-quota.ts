import {
  type ClientQuotas,
  type QuotaEntity,
  type QuotaEntityPart,
  type QuotaKey,
  quotaEntityKey,
} from '../metadata/client-quota.ts'

/** A limit, and whom it counts together: everyone whose fields are the same. */
export interface FoundQuota {
  readonly limit: number
  /** Null: whoever the user is. */
  readonly user: string | null
  /** Null: all clients of the user together. */
  readonly clientId: string | null
}

/**
 * The quota of a client, the nearest to it first (KIP-55): of the user and client id, the user and any client, the user,
 * any user and the client id, any user and any client, any user, the client id, any client. An empty client id has no
 * quota as a client, only as what its user does.
 */
export function findQuota(quotas: ClientQuotas, key: QuotaKey, user: string, clientId: string): FoundQuota | null {
  if (!quotas.has(key)) return null
  const named: QuotaEntityPart = { type: 'user', name: user }
  const client: QuotaEntityPart = { type: 'client-id', name: clientId }
  const both = { user, clientId }
  const userOnly = { user, clientId: null }
  const clientOnly = { user: null, clientId }
  const order: readonly (readonly [QuotaEntity, Omit<FoundQuota, 'limit'>])[] = [
    [[named, client], both],
    [[named, ANY_CLIENT], both],
    [[named], userOnly],
    [[ANY_USER, client], both],
    [[ANY_USER, ANY_CLIENT], both],
    [[ANY_USER], userOnly],
    [[client], clientOnly],
    [[ANY_CLIENT], clientOnly],
  ]
  for (const [entity, together] of order) {
    if (clientId === '' && entity.some(({ type }) => type === 'client-id')) continue
    const limit = quotas.valueOf(quotaEntityKey(entity), key)
    if (limit !== null) return { limit, ...together }
  }
  return null
}

const ANY_USER: QuotaEntityPart = { type: 'user', name: null }
const ANY_CLIENT: QuotaEntityPart = { type: 'client-id', name: null }
