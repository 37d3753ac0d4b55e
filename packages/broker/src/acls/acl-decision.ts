import type { Clock } from '@odradek/core'
import { mapInTurns } from '../in-turns.ts'
import type { ErrorName, Outcome } from '../metadata/controller.ts'
import { type Decision, DONE, failed } from '../metadata/decision.ts'
import type { MetadataRecord } from '../metadata/metadata-records.ts'
import { type Acl, type AclFilter, aclKey } from './acl.ts'
import { aclRecord, removeAclRecord } from './acl-records.ts'
import type { AclView } from './acl-table.ts'

/** What one request may change, as in Kafka. */
export const ACLS_PER_REQUEST_MAX = 10_000

/** What became of one filter. */
export interface DeletedAcls extends Outcome {
  readonly acls: readonly Acl[]
}

const TOO_MANY = failed('POLICY_VIOLATION', 'Unable to perform excessively large batch operation.')

/** ACLs that are there already are made anew without a trace. Looked for in turns: the ACLs do not change in between. */
export async function decideCreateAcls(
  acls: readonly Acl[],
  view: AclView,
  clock: Pick<Clock, 'soon'>,
  randomId: () => string,
  aclsMax: number,
): Promise<Decision<readonly Outcome[]>> {
  const added = new Map<string, Acl>()
  await mapInTurns(clock, acls, (acl) => {
    if (!view.has(acl)) added.set(aclKey(acl), acl)
  })
  if (added.size > ACLS_PER_REQUEST_MAX) return { records: [], result: acls.map(() => TOO_MANY) }
  if (added.size > 0 && view.size + added.size > aclsMax) {
    const problem = failed('POLICY_VIOLATION', `There are ${view.size} ACLs, and may be ${aclsMax} (odradek.max.acls)`)
    return { records: [], result: acls.map(() => problem) }
  }
  const records = Array.from(added.values(), (acl) => aclRecord(randomId(), acl))
  return { records, result: acls.map(() => DONE) }
}

/** An ACL that several filters match is in the answer to each. In turns, as above. */
export async function decideDeleteAcls(
  filters: readonly AclFilter[],
  view: AclView,
  clock: Pick<Clock, 'soon'>,
): Promise<Decision<readonly DeletedAcls[]>> {
  const found = await mapInTurns(clock, filters, (filter) => view.find(filter))
  const ids = new Set(found.flatMap((rows) => rows.map(([id]) => id)))
  if (ids.size > ACLS_PER_REQUEST_MAX) return { records: [], result: filters.map(() => ({ ...TOO_MANY, acls: [] })) }
  const records: readonly MetadataRecord[] = Array.from(ids, removeAclRecord)
  return { records, result: found.map((rows) => ({ ...DONE, acls: rows.map(([, acl]) => acl) })) }
}

/** What a filter answers that could not be obeyed. */
export function notDeleted({
  error,
  message,
}: {
  readonly error: ErrorName
  readonly message: string | null
}): DeletedAcls {
  return { error, message, acls: [] }
}
