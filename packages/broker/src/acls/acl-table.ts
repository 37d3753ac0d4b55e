import { assert } from '@odradek/core'
import { aclTextBytes } from '../metadata/kept-text.ts'
import { type Acl, type AclFilter, aclKey, matchesFilter } from './acl.ts'
import { AclIndex } from './acl-index.ts'

/** The ACLs that the metadata log has at this moment. */
export interface AclView {
  readonly size: number
  readonly index: AclIndex
  has(acl: Acl): boolean
  /** With their ids in the log. */
  find(filter: AclFilter): readonly (readonly [id: string, acl: Acl])[]
}

export class AclTable implements AclView {
  readonly index = new AclIndex()
  private readonly byId = new Map<string, Acl>()
  /** Of their names. */
  textBytes = 0
  private readonly keys = new Set<string>()
  /** By resource name, for filters that name one. */
  private readonly byName = new Map<string, Map<string, Acl>>()

  get size(): number {
    return this.byId.size
  }

  has(acl: Acl): boolean {
    return this.keys.has(aclKey(acl))
  }

  find(filter: AclFilter): readonly (readonly [id: string, acl: Acl])[] {
    const { resourceName: name, patternType } = filter
    const isNamed = name !== null && patternType !== 'MATCH'
    const candidates = isNamed ? this.byName.get(name) : this.byId
    return [...(candidates ?? [])].filter(([, acl]) => matchesFilter(acl, filter))
  }

  /** With their ids in the log. */
  all(): readonly (readonly [id: string, acl: Acl])[] {
    return [...this.byId]
  }

  /** Null: gone. */
  take(changes: ReadonlyMap<string, Acl | null>): void {
    for (const [id, acl] of changes) if (acl === null) this.remove(id)
    for (const [id, acl] of changes) if (acl !== null) this.add(id, acl)
  }

  private add(id: string, acl: Acl): void {
    assert(!this.byId.has(id) && !this.has(acl), `ACL ${id} is there already, by its id or by what it says`)
    this.byId.set(id, acl)
    this.textBytes += aclTextBytes(acl)
    this.keys.add(aclKey(acl))
    this.byName.set(acl.resourceName, (this.byName.get(acl.resourceName) ?? new Map()).set(id, acl))
    this.index.add(acl)
  }

  private remove(id: string): void {
    const acl = this.byId.get(id)
    // Made and removed in one batch.
    if (acl === undefined) return
    this.byId.delete(id)
    this.textBytes -= aclTextBytes(acl)
    this.keys.delete(aclKey(acl))
    const sameName = this.byName.get(acl.resourceName)
    sameName?.delete(id)
    if (sameName?.size === 0) this.byName.delete(acl.resourceName)
    this.index.remove(acl)
  }
}
