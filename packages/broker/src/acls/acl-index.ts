import type { ResourceType } from '../authorizer.ts'
import { type Acl, type PatternType, WILDCARD_RESOURCE } from './acl.ts'

/**
 * ACLs in the order a check asks for them: by resource type and principal, then by name. A check looks up the name, the
 * wildcard and as many prefixes as there are lengths of prefixes, however many ACLs there are.
 */
export class AclIndex {
  private readonly byType = new Map<ResourceType, TypeIndex>()

  /** `acl` must not be in yet. */
  add(acl: Acl): void {
    const type = this.byType.get(acl.resourceType) ?? new TypeIndex()
    this.byType.set(acl.resourceType, type)
    type.add(acl)
  }

  /** `acl` must be in, as this very object. */
  remove(acl: Acl): void {
    this.byType.get(acl.resourceType)?.remove(acl)
  }

  /** The ACLs of the principal whose pattern matches the resource. */
  *applying(principal: string, type: ResourceType, name: string): Generator<Acl, void, void> {
    const patterns = this.byType.get(type)?.byPrincipal.get(principal)
    if (patterns !== undefined) yield* patterns.matching(name)
  }

  /** Whether an ACL of anybody matches the resource. */
  covers(type: ResourceType, name: string): boolean {
    const index = this.byType.get(type)
    if (index === undefined) return false
    for (const _ of index.everybody.matching(name)) return true
    return false
  }

  /** All ACLs of the principal on resources of the type. */
  *ofPrincipal(principal: string, type: ResourceType): Generator<Acl, void, void> {
    const patterns = this.byType.get(type)?.byPrincipal.get(principal)
    if (patterns !== undefined) yield* patterns.all()
  }
}

class TypeIndex {
  readonly everybody = new PatternIndex()
  readonly byPrincipal = new Map<string, PatternIndex>()

  add(acl: Acl): void {
    this.everybody.add(acl)
    const own = this.byPrincipal.get(acl.principal) ?? new PatternIndex()
    this.byPrincipal.set(acl.principal, own)
    own.add(acl)
  }

  remove(acl: Acl): void {
    this.everybody.remove(acl)
    const own = this.byPrincipal.get(acl.principal)
    own?.remove(acl)
    if (own?.isEmpty === true) this.byPrincipal.delete(acl.principal)
  }
}

class PatternIndex {
  private readonly byName: Readonly<Record<PatternType, Map<string, Set<Acl>>>> = {
    LITERAL: new Map(),
    PREFIXED: new Map(),
  }
  /** How many names of PREFIXED patterns are of this length. */
  private readonly prefixLengths = new Map<number, number>()

  get isEmpty(): boolean {
    return this.byName.LITERAL.size === 0 && this.byName.PREFIXED.size === 0
  }

  add(acl: Acl): void {
    const { patternType, resourceName: name } = acl
    const known = this.byName[patternType].get(name)
    if (known === undefined && patternType === 'PREFIXED')
      this.prefixLengths.set(name.length, (this.prefixLengths.get(name.length) ?? 0) + 1)
    this.byName[patternType].set(name, (known ?? new Set()).add(acl))
  }

  remove(acl: Acl): void {
    const { patternType, resourceName: name } = acl
    const known = this.byName[patternType].get(name)
    if (known === undefined) return
    known.delete(acl)
    if (known.size > 0) return
    this.byName[patternType].delete(name)
    if (patternType === 'LITERAL') return
    const left = (this.prefixLengths.get(name.length) ?? 0) - 1
    if (left > 0) this.prefixLengths.set(name.length, left)
    else this.prefixLengths.delete(name.length)
  }

  *matching(name: string): Generator<Acl, void, void> {
    const { LITERAL: literals, PREFIXED: prefixes } = this.byName
    yield* literals.get(name) ?? []
    if (name !== WILDCARD_RESOURCE) yield* literals.get(WILDCARD_RESOURCE) ?? []
    for (const length of this.prefixLengths.keys()) {
      if (length <= name.length) yield* prefixes.get(name.slice(0, length)) ?? []
    }
  }

  *all(): Generator<Acl, void, void> {
    for (const names of [this.byName.LITERAL, this.byName.PREFIXED]) for (const acls of names.values()) yield* acls
  }
}
