import {
  AccessControlEntryRecord,
  encodeMetadataRecord,
  RemoveAccessControlEntryRecord,
} from '@odradek/protocol/records'
import type { MetadataRecord } from '../metadata/metadata-records.ts'
import type { Acl } from './acl.ts'
import { aclOperations, patternTypes, permissionTypes, resourceTypes } from './acl-codes.ts'

export function aclRecord(id: string, acl: Acl): MetadataRecord {
  return encodeMetadataRecord(AccessControlEntryRecord, 0, {
    id,
    resourceType: resourceTypes.codeOf(acl.resourceType),
    resourceName: acl.resourceName,
    patternType: patternTypes.codeOf(acl.patternType),
    principal: acl.principal,
    host: acl.host,
    operation: aclOperations.codeOf(acl.operation),
    permissionType: permissionTypes.codeOf(acl.permission),
  })
}

export function removeAclRecord(id: string): MetadataRecord {
  return encodeMetadataRecord(RemoveAccessControlEntryRecord, 0, { id })
}

/** What a record says; null when it has a code that nobody here knows. */
export function aclOfRecord(record: AccessControlEntryRecord): Acl | null {
  const resourceType = resourceTypes.nameOf(record.resourceType)
  const patternType = patternTypes.nameOf(record.patternType)
  const operation = aclOperations.nameOf(record.operation)
  const permission = permissionTypes.nameOf(record.permissionType)
  if (resourceType === null || patternType === null || operation === null || permission === null) return null
  const { resourceName, principal, host } = record
  return { resourceType, resourceName, patternType, principal, host, operation, permission }
}
