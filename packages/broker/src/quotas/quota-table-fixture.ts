import type { QuotaKey } from '../metadata/client-quota.ts'
import { ClientQuotaDraft, ClientQuotaTable } from '../metadata/client-quota-table.ts'

/** Quotas that a test writes by hand; the value null takes one away. */
export function quotaTable() {
  const table = new ClientQuotaTable()
  return {
    table,
    set(entity: Readonly<Record<string, string | null>>, key: QuotaKey, value: number | null) {
      const draft = new ClientQuotaDraft(table)
      const parts = Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }))
      draft.replay({ entity: parts, key, value: value ?? 0, remove: value === null })
      table.take(draft)
    },
  }
}
