import type { AclOperation, ResourceType } from '../authorizer.ts'
import type { Acl } from './acl.ts'

/** One question to an authorizer. */
export interface AclQuestion {
  readonly principal: string
  readonly host: string
  readonly operation: AclOperation
  readonly type: ResourceType
  readonly name: string
}

/** Kafka's rules as they are written down: a scan over all ACLs, no index, nothing shared with the authorizer. */
export function referenceAnswer(
  acls: readonly Acl[],
  superUsers: ReadonlySet<string>,
  everyone: boolean,
  q: AclQuestion,
) {
  if (superUsers.has(q.principal)) return true
  const covering = acls.filter(
    ({ resourceType, resourceName, patternType }) =>
      resourceType === q.type &&
      (patternType === 'PREFIXED' ? q.name.startsWith(resourceName) : resourceName === '*' || resourceName === q.name),
  )
  const mine = covering.filter(
    ({ principal, host }) => (principal === 'User:*' || principal === q.principal) && (host === '*' || host === q.host),
  )
  const says = (permission: string, operations: readonly string[]) =>
    mine.some((acl) => acl.permission === permission && operations.includes(acl.operation))
  if (says('DENY', ['ALL', q.operation])) return false
  const implying: Record<string, string[]> = {
    DESCRIBE: ['READ', 'WRITE', 'DELETE', 'ALTER'],
    DESCRIBE_CONFIGS: ['ALTER_CONFIGS'],
  }
  if (says('ALLOW', ['ALL', q.operation, ...(implying[q.operation] ?? [])])) return true
  return covering.length === 0 && everyone
}

/** Kafka's default method of the same name: an allowed pattern that no denied one covers. */
export function referenceByResourceType(
  acls: readonly Acl[],
  superUsers: ReadonlySet<string>,
  everyone: boolean,
  q: AclQuestion,
) {
  if (referenceAnswer(acls, superUsers, everyone, { ...q, name: 'hardcode' })) return true
  const mine = acls.filter(
    ({ resourceType, principal, host, operation }) =>
      resourceType === q.type &&
      (principal === 'User:*' || principal === q.principal) &&
      (host === '*' || host === q.host) &&
      (operation === 'ALL' || operation === q.operation),
  )
  const denied = mine.filter(({ permission }) => permission === 'DENY')
  const isWildcard = (acl: Acl) => acl.patternType === 'LITERAL' && acl.resourceName === '*'
  if (denied.some(isWildcard)) return false
  return mine.some(
    (allowed) =>
      allowed.permission === 'ALLOW' &&
      (isWildcard(allowed) ||
        !denied.some(({ patternType, resourceName }) =>
          patternType === 'PREFIXED'
            ? allowed.resourceName.startsWith(resourceName)
            : allowed.patternType === 'LITERAL' && allowed.resourceName === resourceName,
        )),
  )
}
