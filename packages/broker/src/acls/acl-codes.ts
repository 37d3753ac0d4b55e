import type { AclOperation, ResourceType } from '../authorizer.ts'
import type { PatternType, PermissionType } from './acl.ts'

/** Kafka's numbers, on the wire and in the metadata log; 0 stands for "unknown", and is never sent or stored. */
interface Codes<Name extends string> {
  codeOf(name: Name): number
  /** Null for a number that nothing has. */
  nameOf(code: number): Name | null
}

/** In a filter: whatever. */
export const ANY_CODE = 1

/** Of a pattern type, in a filter: patterns that apply to a resource of the name. */
export const MATCH_CODE = 2

function codes<Name extends string>(byName: Readonly<Record<Name, number>>): Codes<Name> {
  const byCode = new Map<number, Name>()
  for (const name in byName) byCode.set(byName[name], name)
  return { codeOf: (name) => byName[name], nameOf: (code) => byCode.get(code) ?? null }
}

export const resourceTypes = codes<ResourceType>({
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
})

export const patternTypes = codes<PatternType>({ LITERAL: 3, PREFIXED: 4 })

export const permissionTypes = codes<PermissionType>({ DENY: 2, ALLOW: 3 })

export const aclOperations = codes<AclOperation | 'ALL'>({
  ALL: 2,
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
})
