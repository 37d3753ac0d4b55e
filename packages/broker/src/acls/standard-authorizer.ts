import type { AclOperation, Authorizer, ResourceType } from '../authorizer.ts'
import { type Acl, WILDCARD_HOST, WILDCARD_PRINCIPAL, WILDCARD_RESOURCE } from './acl.ts'
import type { AclIndex } from './acl-index.ts'

export interface StandardAuthorizerOptions {
  readonly index: AclIndex
  /** super.users: who may do everything. */
  readonly superUsers: ReadonlySet<string>
  /** allow.everyone.if.no.acl.found */
  readonly allowEveryoneIfNoAclFound: boolean
}

/** Who may do this may also describe the resource, or its configs; who may not do it may still. */
const ALLOWS: Readonly<Partial<Record<AclOperation | 'ALL', AclOperation>>> = {
  READ: 'DESCRIBE',
  WRITE: 'DESCRIBE',
  DELETE: 'DESCRIBE',
  ALTER: 'DESCRIBE',
  ALTER_CONFIGS: 'DESCRIBE_CONFIGS',
}

/** Decides as Kafka's StandardAuthorizer: whatever its pattern, a DENY that applies counts more than any ALLOW. */
export class StandardAuthorizer implements Authorizer {
  private readonly options: StandardAuthorizerOptions

  constructor(options: StandardAuthorizerOptions) {
    this.options = options
  }

  authorize(principal: string, host: string, operation: AclOperation, type: ResourceType, name: string): boolean {
    const { index, superUsers, allowEveryoneIfNoAclFound } = this.options
    if (superUsers.has(principal)) return true
    let isAllowed = false
    for (const who of principalsOf(principal)) {
      for (const acl of index.applying(who, type, name)) {
        if (!isForHost(acl, host)) continue
        if (acl.permission === 'DENY' && isAbout(acl, operation)) return false
        isAllowed ||= acl.permission === 'ALLOW' && (isAbout(acl, operation) || ALLOWS[acl.operation] === operation)
      }
    }
    return isAllowed || (allowEveryoneIfNoAclFound && !index.covers(type, name))
  }

  /**
   * Whether the operation is allowed on any resource of the type that could be: some ALLOW is not wholly under a DENY.
   * Implied operations do not count, as in Kafka.
   */
  authorizeByResourceType(principal: string, host: string, operation: AclOperation, type: ResourceType): boolean {
    // Kafka asks for a resource of this name too: the way in for super users, and for everyone where there are no ACLs.
    if (this.authorize(principal, host, operation, type, 'hardcode')) return true
    const denied = { LITERAL: new Set<string>(), PREFIXED: new Set<string>() }
    const allowed: Acl[] = []
    for (const acl of this.aboutType(principal, host, operation, type)) {
      if (acl.permission === 'DENY') denied[acl.patternType].add(acl.resourceName)
      else allowed.push(acl)
    }
    if (denied.LITERAL.has(WILDCARD_RESOURCE)) return false
    return allowed.some((acl) => {
      const { patternType, resourceName } = acl
      if (patternType === 'LITERAL' && resourceName === WILDCARD_RESOURCE) return true
      if (patternType === 'LITERAL' && denied.LITERAL.has(resourceName)) return false
      return !hasPrefixIn(resourceName, denied.PREFIXED)
    })
  }

  private *aboutType(
    principal: string,
    host: string,
    operation: AclOperation,
    type: ResourceType,
  ): Generator<Acl, void, void> {
    for (const who of principalsOf(principal)) {
      for (const acl of this.options.index.ofPrincipal(who, type)) {
        if (isForHost(acl, host) && isAbout(acl, operation)) yield acl
      }
    }
  }
}

function principalsOf(principal: string): readonly string[] {
  return principal === WILDCARD_PRINCIPAL ? [principal] : [principal, WILDCARD_PRINCIPAL]
}

function isForHost(acl: Acl, host: string): boolean {
  return acl.host === WILDCARD_HOST || acl.host === host
}

function isAbout(acl: Acl, operation: AclOperation): boolean {
  return acl.operation === 'ALL' || acl.operation === operation
}

function hasPrefixIn(name: string, prefixes: ReadonlySet<string>): boolean {
  if (prefixes.size === 0) return false
  for (let length = 1; length <= name.length; length++) if (prefixes.has(name.slice(0, length))) return true
  return false
}
