import type { CreateAclsRequest, DeleteAclsRequest } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import type { Outcome } from '../metadata/controller.ts'
import { failed } from '../metadata/decision.ts'
import type { RequestContext } from '../request-context.ts'
import type { Acl, AclFilter } from './acl.ts'
import { ANY_CODE, aclOperations, MATCH_CODE, patternTypes, permissionTypes, resourceTypes } from './acl-codes.ts'

export type Creation = CreateAclsRequest['creations'][number]

export type Filter = DeleteAclsRequest['filters'][number]

/** Kafka reads no request with a 0 in it: the number is for what a receiver does not know. */
const UNKNOWN_CODE = 0

export function hasUnknownCode(row: Creation | Filter): boolean {
  return codesOf(row).includes(UNKNOWN_CODE)
}

/** Whether the row says "any" of what must be one thing. Kafka fails the whole request by an accident then. */
export function isVague(creation: Creation): boolean {
  return codesOf(creation).includes(ANY_CODE) || creation.resourcePatternType === MATCH_CODE
}

function codesOf(row: Creation | Filter): readonly number[] {
  const pattern =
    'resourceType' in row
      ? [row.resourceType, row.resourcePatternType]
      : [row.resourceTypeFilter, row.patternTypeFilter]
  return [...pattern, row.operation, row.permissionType]
}

/** The ACL that is asked for, or what is wrong with it; in Kafka's order, and words. */
export function aclOfCreation(creation: Creation): Acl | Outcome {
  const { resourceName, principal, host } = creation
  const resourceType = resourceTypes.nameOf(creation.resourceType)
  const patternType = patternTypes.nameOf(creation.resourcePatternType)
  const operation = aclOperations.nameOf(creation.operation)
  const permission = permissionTypes.nameOf(creation.permissionType)
  if (resourceType === 'CLUSTER' && resourceName !== CLUSTER_RESOURCE)
    return invalid(`The only valid name for the CLUSTER resource is ${CLUSTER_RESOURCE}`)
  if (resourceName === '') return invalid('Invalid empty resource name')
  if (resourceType === null) return invalid('Invalid resourceType UNKNOWN')
  if (patternType === null) return invalid('Invalid patternType UNKNOWN')
  if (operation === null) return invalid('Invalid operation UNKNOWN')
  if (permission === null) return invalid('Invalid permissionType UNKNOWN')
  if (!principal.includes(':')) {
    const why = 'no colon is present separating the principal type from the principal name'
    return invalid(`Could not parse principal from \`${principal}\` (${why})`)
  }
  if (host === '') return invalid('Host pattern cannot be null or empty')
  return { resourceType, resourceName, patternType, principal, host, operation, permission }
}

/** What is wrong with a filter: a code that nothing has. */
export function filterProblem(filter: Filter): Outcome | null {
  const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = filter
  const isPatternKnown =
    (resourceTypeFilter === ANY_CODE || resourceTypes.nameOf(resourceTypeFilter) !== null) &&
    (patternTypeFilter === ANY_CODE ||
      patternTypeFilter === MATCH_CODE ||
      patternTypes.nameOf(patternTypeFilter) !== null)
  if (!isPatternKnown) return invalid('Unknown patternFilter.')
  const isEntryKnown =
    (operation === ANY_CODE || aclOperations.nameOf(operation) !== null) &&
    (permissionType === ANY_CODE || permissionTypes.nameOf(permissionType) !== null)
  return isEntryKnown ? null : invalid('Unknown entryFilter.')
}

/** `filter` has no problem. */
export function aclFilterOf(filter: Filter): AclFilter {
  return {
    resourceType: resourceTypes.nameOf(filter.resourceTypeFilter),
    resourceName: filter.resourceNameFilter,
    patternType: filter.patternTypeFilter === MATCH_CODE ? 'MATCH' : patternTypes.nameOf(filter.patternTypeFilter),
    principal: filter.principalFilter,
    host: filter.hostFilter,
    operation: aclOperations.nameOf(filter.operation),
    permission: permissionTypes.nameOf(filter.permissionType),
  }
}

/** The part of an ACL that says what it is about. */
export function patternRow({ resourceType, resourceName, patternType }: Acl) {
  return {
    resourceType: resourceTypes.codeOf(resourceType),
    resourceName,
    patternType: patternTypes.codeOf(patternType),
  }
}

/** The part of an ACL that says who may, or may not, do what. */
export function entryRow({ principal, host, operation, permission }: Acl) {
  return {
    principal,
    host,
    operation: aclOperations.codeOf(operation),
    permissionType: permissionTypes.codeOf(permission),
  }
}

/** What every row says where ACLs cannot be asked for or changed at all; null where they can. */
export function aclRefusal(context: RequestContext, operation: 'ALTER' | 'DESCRIBE'): Outcome | null {
  if (!context.authorize(operation, 'CLUSTER', CLUSTER_RESOURCE))
    return failed('CLUSTER_AUTHORIZATION_FAILED', `The right to ${operation} the cluster is missing`)
  if (context.services.acls === null) return failed('SECURITY_DISABLED', 'No Authorizer is configured.')
  return null
}

function invalid(message: string): Outcome {
  return failed('INVALID_REQUEST', message)
}
