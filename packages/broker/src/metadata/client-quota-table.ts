import { assert } from '@odradek/core'
import type { ClientQuotaRecord } from '@odradek/protocol/records'
import {
  type ClientQuota,
  type ClientQuotas,
  type QuotaEntity,
  type QuotaKey,
  quotaEntityKey,
  quotaEntityType,
} from './client-quota.ts'
import { quotaTextBytes } from './kept-text.ts'

const REQUEST_KEYS: readonly QuotaKey[] = [
  'producer_byte_rate',
  'consumer_byte_rate',
  'request_percentage',
  'controller_mutation_rate',
]

interface DraftQuota {
  readonly entity: QuotaEntity
  readonly values: Map<string, number>
}

/** The quotas of all entities, replayed batch by batch. */
export class ClientQuotaTable implements ClientQuotas {
  private readonly byEntity = new Map<string, ClientQuota>()
  /** Entities that have a quota, by its key. */
  private readonly counts = new Map<string, number>()
  version = 0
  /** Of their entities' names. */
  textBytes = 0
  limitsRequests = false

  has(key: QuotaKey): boolean {
    return this.counts.has(key)
  }

  valueOf(entityKey: string, key: QuotaKey): number | null {
    return this.byEntity.get(entityKey)?.values.get(key) ?? null
  }

  /** How many entities have some. */
  get size(): number {
    return this.byEntity.size
  }

  get(entityKey: string): ClientQuota | undefined {
    return this.byEntity.get(entityKey)
  }

  all(): Iterable<ClientQuota> {
    return this.byEntity.values()
  }

  /** Whether anything has changed. */
  take(draft: ClientQuotaDraft): boolean {
    if (draft.changed.size === 0) return false
    for (const [key, quota] of draft.changed) {
      for (const name of this.byEntity.get(key)?.values.keys() ?? []) this.count(name, -1)
      for (const name of quota.values.keys()) this.count(name, 1)
      const isThere = this.byEntity.has(key)
      if (isThere !== quota.values.size > 0) this.textBytes += (isThere ? -1 : 1) * quotaTextBytes(quota.entity)
      if (quota.values.size === 0) this.byEntity.delete(key)
      else this.byEntity.set(key, quota)
    }
    this.version += 1
    this.limitsRequests = REQUEST_KEYS.some((key) => this.has(key))
    return true
  }

  private count(name: string, added: number): void {
    const count = (this.counts.get(name) ?? 0) + added
    if (count === 0) this.counts.delete(name)
    else this.counts.set(name, count)
  }
}

/** The quotas that one batch of records changes. */
export class ClientQuotaDraft {
  readonly changed = new Map<string, DraftQuota>()
  private readonly base: ClientQuotaTable

  constructor(base: ClientQuotaTable) {
    this.base = base
  }

  replay(record: ClientQuotaRecord): void {
    const entity = record.entity.map(({ entityType, entityName }) => {
      const type = quotaEntityType(entityType)
      assert(type !== null, `the metadata log has a quota of entity type ${entityType}`)
      return { type, name: entityName }
    })
    const key = quotaEntityKey(entity)
    const draft = this.changed.get(key) ?? { entity, values: new Map(this.base.get(key)?.values) }
    if (record.remove) draft.values.delete(record.key)
    else draft.values.set(record.key, record.value)
    this.changed.set(key, draft)
  }
}
