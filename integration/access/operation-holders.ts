import {
  ALL_OPERATIONS,
  ALLOW,
  CLUSTER_NAME,
  DENY,
  LITERAL,
  OPERATIONS,
  PREFIXED,
  RESOURCES,
  type Resource,
} from './acl-codes.ts'
import type { AclCreation } from './users.ts'

export const NAMES = {
  TOPIC: 'operations-topic',
  GROUP: 'operations-group',
  CLUSTER: CLUSTER_NAME,
} as const
/** A topic that everybody may read, and one that nobody may write to. */
export const PUBLIC_TOPIC = 'operations-public'
export const READ_ONLY_TOPIC = 'operations-read-only'

/** One user, and what it was given. */
export interface Holder {
  readonly user: string
  /** In words: recordings name the holder by it. */
  readonly has: string
  readonly acls: readonly AclCreation[]
}

type Kind = keyof typeof NAMES
type Part = Omit<AclCreation, 'principal'> & { readonly principal?: string }

const EVERY_KIND: readonly Kind[] = ['TOPIC', 'GROUP', 'CLUSTER']
const NAMED_KINDS: readonly Kind[] = ['TOPIC', 'GROUP']
const ALL = 'ALL'

/** One ACL for each of these kinds of resources. */
function each(
  operation: keyof typeof OPERATIONS | typeof ALL,
  { name, kinds = EVERY_KIND, ...rest }: { name?: string; kinds?: readonly Kind[] } & Partial<Part> = {},
): Part[] {
  return kinds.map((kind) => ({
    resourceType: RESOURCES[kind satisfies Resource],
    resourceName: name ?? NAMES[kind],
    resourcePatternType: LITERAL,
    host: '*',
    operation: operation === ALL ? ALL_OPERATIONS : OPERATIONS[operation],
    permissionType: ALLOW,
    ...rest,
  }))
}

const denied = { permissionType: DENY }
const byPrefix = { name: 'operations-', kinds: NAMED_KINDS, resourcePatternType: PREFIXED }
const byWildcard = { name: '*', kinds: NAMED_KINDS }
const local = { host: '127.0.0.1' }
const elsewhere = { host: '192.0.2.1' }

function* eachOperation(): Generator<readonly [string, readonly Part[]], void, void> {
  for (const operation of typedKeys(OPERATIONS)) {
    yield [operation, each(operation)]
    yield [`ALL, but not ${operation}`, [...each(ALL), ...each(operation, denied)]]
  }
}

const MIXED: Readonly<Record<string, readonly Part[]>> = {
  nothing: [],
  ALL: each(ALL),
  'ALL by prefix': each(ALL, byPrefix),
  'ALL by wildcard': each(ALL, byWildcard),
  'READ by prefix, WRITE by wildcard, DELETE by name': [
    ...each('READ', byPrefix),
    ...each('WRITE', byWildcard),
    ...each('DELETE'),
  ],
  'READ by a longer prefix than the name': each('READ', { ...byPrefix, name: 'operations-topics' }),
  'READ, but not DESCRIBE': [...each('READ'), ...each('DESCRIBE', denied)],
  'DESCRIBE, but not READ': [...each('DESCRIBE'), ...each('READ', denied)],
  'ALTER_CONFIGS, but not DESCRIBE_CONFIGS': [...each('ALTER_CONFIGS'), ...each('DESCRIBE_CONFIGS', denied)],
  'ALL, and not ALL': [...each(ALL), ...each(ALL, denied)],
  'ALL by name, but not ALTER by prefix': [...each(ALL), ...each('ALTER', { ...byPrefix, ...denied })],
  'ALL by prefix, but not ALTER by wildcard': [...each(ALL, byPrefix), ...each('ALTER', { ...byWildcard, ...denied })],
  'ALL from here': each(ALL, local),
  'ALL from elsewhere': each(ALL, elsewhere),
  'ALL, but not ALTER from here': [...each(ALL), ...each('ALTER', { ...denied, ...local })],
  'ALL, but not ALTER from elsewhere': [...each(ALL), ...each('ALTER', { ...denied, ...elsewhere })],
  'ALL as another type of principal': each(ALL, { principal: 'Group' }),
}

/** The users whose operations are compared, each with ACLs of its own. */
export function operationHolders(): readonly Holder[] {
  return [...Object.entries(MIXED), ...eachOperation()].map(([has, parts], index) => {
    const user = `h${index}`
    const acls = parts.map(({ principal = 'User', ...part }) => ({ ...part, principal: `${principal}:${user}` }))
    return { user, has, acls }
  })
}

/** What is said of everybody. */
export const aclsOfEverybody: readonly AclCreation[] = [
  ...each('READ', { name: PUBLIC_TOPIC, kinds: ['TOPIC'] }),
  ...each('WRITE', { name: READ_ONLY_TOPIC, kinds: ['TOPIC'], ...denied }),
].map((part) => ({ ...part, principal: 'User:*' }))

function typedKeys<T extends object>(of: T): readonly (keyof T & string)[] {
  const isKey = (key: string): key is keyof T & string => key in of
  return Object.keys(of).filter(isKey)
}
