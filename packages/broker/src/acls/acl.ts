import type { AclOperation, ResourceType } from '../authorizer.ts'

export type PatternType = 'LITERAL' | 'PREFIXED'

export type PermissionType = 'DENY' | 'ALLOW'

/** What one ACL says; two that say the same are one. */
export interface Acl {
  readonly resourceType: ResourceType
  readonly resourceName: string
  readonly patternType: PatternType
  /** `Type:name`; `User:*` is everybody. */
  readonly principal: string
  /** Text of one address, as Java writes it; `*` is any. */
  readonly host: string
  readonly operation: AclOperation | 'ALL'
  readonly permission: PermissionType
}

/** As a LITERAL name: every resource of the type. */
export const WILDCARD_RESOURCE = '*'

export const WILDCARD_PRINCIPAL = 'User:*'

export const WILDCARD_HOST = '*'

/** Which ACLs are meant; null matches all. */
export interface AclFilter {
  readonly resourceType: ResourceType | null
  readonly resourceName: string | null
  /** `MATCH`: patterns that apply to a resource of the name. */
  readonly patternType: PatternType | 'MATCH' | null
  readonly principal: string | null
  readonly host: string | null
  readonly operation: AclOperation | 'ALL' | null
  readonly permission: PermissionType | null
}

/** The same for ACLs that say the same, and for no others. */
export function aclKey(acl: Acl): string {
  const { resourceType, resourceName, patternType, principal, host, operation, permission } = acl
  return JSON.stringify([resourceType, patternType, operation, permission, resourceName, principal, host])
}

export function matchesFilter(acl: Acl, filter: AclFilter): boolean {
  return (
    (filter.resourceType === null || filter.resourceType === acl.resourceType) &&
    matchesPattern(acl, filter) &&
    (filter.principal === null || filter.principal === acl.principal) &&
    (filter.host === null || filter.host === acl.host) &&
    (filter.operation === null || filter.operation === acl.operation) &&
    (filter.permission === null || filter.permission === acl.permission)
  )
}

function matchesPattern(acl: Acl, { patternType, resourceName: name }: AclFilter): boolean {
  if (patternType !== null && patternType !== 'MATCH' && patternType !== acl.patternType) return false
  if (name === null || name === acl.resourceName) return true
  if (patternType !== 'MATCH') return false
  return acl.patternType === 'LITERAL' ? acl.resourceName === WILDCARD_RESOURCE : name.startsWith(acl.resourceName)
}
