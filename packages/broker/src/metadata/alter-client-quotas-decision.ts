import { assert } from '@odradek/core'
import { type QuotaEntity, quotaEntityKey, quotaEntityType } from './client-quota.ts'
import type { ClientQuotaTable } from './client-quota-table.ts'
import type { Outcome } from './controller.ts'
import { type Decision, DONE, failed } from './decision.ts'
import { clientQuotaRecord, type MetadataRecord } from './metadata-records.ts'

/** One entity's quotas as a client wants them changed; nothing of it has been checked. */
export interface ClientQuotaAlteration {
  /** Types are unique. */
  readonly entity: readonly { readonly type: string; readonly name: string | null }[]
  /** A null value takes the quota away. */
  readonly operations: readonly { readonly key: string; readonly value: number | null }[]
}

/** Kafka's limit on the records that one operation of a user may make. */
export const QUOTA_CHANGES_MAX = 10_000

/** What a request is counted as by the number of operations in each of its entries; one without any is work too. */
export function quotaChanges(operations: readonly number[]): number {
  return operations.reduce((sum, count) => sum + Math.max(1, count), 0)
}

export function tooManyChanges(changes: number): string {
  return `One request may change at most ${QUOTA_CHANGES_MAX} quotas; this one asks for ${changes}`
}

const INT_MAX = 2_147_483_647
const LONG_MAX = 2 ** 63
/** How far a whole number may be off. */
const FRACTION_MAX = 1e-6

/** The largest value, and whether it must be whole. */
interface KeyRule {
  readonly max: number
  readonly typeName: string | null
}

const USER_AND_CLIENT_KEYS: ReadonlyMap<string, KeyRule> = new Map([
  ['producer_byte_rate', { max: LONG_MAX, typeName: 'a LONG' }],
  ['consumer_byte_rate', { max: LONG_MAX, typeName: 'a LONG' }],
  ['request_percentage', { max: Number.MAX_VALUE, typeName: null }],
  ['controller_mutation_rate', { max: Number.MAX_VALUE, typeName: null }],
])

const IP_KEYS: ReadonlyMap<string, KeyRule> = new Map([
  ['connection_creation_rate', { max: INT_MAX, typeName: 'an INT' }],
])

/**
 * Each entity is changed as a whole or not at all, whatever becomes of the others. Whoever took the request saw to it that
 * no entity is there twice, that they are not too many, and that names of addresses can be resolved.
 */
export function decideAlterClientQuotas(
  alterations: readonly ClientQuotaAlteration[],
  quotas: ClientQuotaTable,
  entitiesMax: number,
): Decision<readonly Outcome[]> {
  assert(
    quotaChanges(alterations.map(({ operations }) => operations.length)) <= QUOTA_CHANGES_MAX,
    'it is not too long',
  )
  const records: MetadataRecord[] = []
  let added = 0
  const result = alterations.map((alteration) => {
    const entity = checkedEntity(alteration)
    if ('error' in entity) return entity
    const problem = operationsProblem(entity, alteration)
    if (problem !== null) return problem
    const isSet = alteration.operations.some(({ value }) => value !== null)
    if (isSet && quotas.get(quotaEntityKey(entity)) === undefined) {
      if (quotas.size + added >= entitiesMax) return tooManyEntities(entitiesMax)
      added += 1
    }
    records.push(...recordsOf(entity, alteration, quotas))
    return DONE
  })
  return { records, result }
}

function checkedEntity({ entity }: ClientQuotaAlteration): QuotaEntity | Outcome {
  if (entity.length === 0) return refused('Invalid empty client quota entity')
  const parts: QuotaEntity[number][] = []
  for (const { type: text, name } of entity) {
    const type = quotaEntityType(text)
    if (type === null) return refused(`Unhandled client quota entity type: ${text}`)
    if (name === '') return refused(`Empty ${type} not supported`)
    parts.push({ type, name })
  }
  if (parts.length > 1 && parts.some(({ type }) => type === 'ip')) {
    return refused('Invalid quota entity combination: ip cannot be combined with user or client-id')
  }
  return parts
}

function operationsProblem(entity: QuotaEntity, { operations }: ClientQuotaAlteration): Outcome | null {
  const keys = operations.map(({ key }) => key)
  if (new Set(keys).size < keys.length) return refused('A quota key is named twice for one entity')
  const rules = entity[0]?.type === 'ip' ? IP_KEYS : USER_AND_CLIENT_KEYS
  for (const { key, value } of operations) {
    // As in Kafka, a key that cannot be set may be taken away all the same.
    const problem = value === null ? null : valueProblem(key, value, rules.get(key))
    if (problem !== null) return problem
  }
  return null
}

function valueProblem(key: string, value: number, rule: KeyRule | undefined): Outcome | null {
  if (rule === undefined) return refused(`Invalid configuration key ${key}`)
  if (!Number.isFinite(value)) return refused(`Quota ${key} must be a finite number`)
  if (value <= 0) return refused(`Quota ${key} must be greater than 0`)
  if (rule.typeName === null) return null
  if (value > rule.max) return refused(`Proposed value for ${key} is too large for ${rule.typeName}.`)
  return value % 1 > FRACTION_MAX ? refused(`${key} cannot be a fractional value.`) : null
}

/** Only what is different afterwards. */
function recordsOf(
  entity: QuotaEntity,
  { operations }: ClientQuotaAlteration,
  quotas: ClientQuotaTable,
): MetadataRecord[] {
  const before = quotas.get(quotaEntityKey(entity))?.values
  return operations
    .filter(({ key, value }) => (before?.get(key) ?? null) !== value)
    .map(({ key, value }) => clientQuotaRecord(entity, key, value))
}

function tooManyEntities(entitiesMax: number): Outcome {
  return failed('POLICY_VIOLATION', `${entitiesMax} entities have quotas already (odradek.max.client.quotas)`)
}

function refused(message: string): Outcome {
  return failed('INVALID_REQUEST', message)
}
