interface Node<Key, Value> {
  readonly key: Key
  value: Value
  older: Node<Key, Value> | null
  newer: Node<Key, Value> | null
}

/**
 * A map in the order of last use. A `Map` whose entries are deleted and set again has that order too, but what was
 * deleted stays in its table for a while, and every look for the first entry walks over it: with 100,000 entries that
 * takes as long as all else that a request needs, many times over.
 */
export class LastUsedMap<Key, Value> {
  private readonly nodes = new Map<Key, Node<Key, Value>>()
  private oldest: Node<Key, Value> | null = null
  private newest: Node<Key, Value> | null = null

  get size(): number {
    return this.nodes.size
  }

  get(key: Key): Value | undefined {
    return this.nodes.get(key)?.value
  }

  /** Sets the value of `key`, which is the one used last from now on. */
  use(key: Key, value: Value): void {
    const known = this.nodes.get(key)
    if (known === undefined) {
      this.append(this.added(key, value))
      return
    }
    known.value = value
    if (known === this.newest) return
    this.unlink(known)
    this.append(known)
  }

  /** Sets the value of `key` where it is in the order; one that is not there becomes the oldest. */
  putBack(key: Key, value: Value): void {
    const known = this.nodes.get(key)
    if (known === undefined) this.prepend(this.added(key, value))
    else known.value = value
  }

  delete(key: Key): boolean {
    const known = this.nodes.get(key)
    if (known === undefined) return false
    this.nodes.delete(key)
    this.unlink(known)
    return true
  }

  /** The one used longest ago first. The entry that was given last may be deleted before the next is asked for. */
  *entries(): Generator<readonly [key: Key, value: Value], void> {
    let node = this.oldest
    while (node !== null) {
      const next: Node<Key, Value> | null = node.newer
      yield [node.key, node.value]
      node = next
    }
  }

  private added(key: Key, value: Value): Node<Key, Value> {
    const node = { key, value, older: null, newer: null }
    this.nodes.set(key, node)
    return node
  }

  private append(node: Node<Key, Value>): void {
    node.older = this.newest
    node.newer = null
    if (this.newest === null) this.oldest = node
    else this.newest.newer = node
    this.newest = node
  }

  private prepend(node: Node<Key, Value>): void {
    node.older = null
    node.newer = this.oldest
    if (this.oldest === null) this.newest = node
    else this.oldest.older = node
    this.oldest = node
  }

  private unlink({ older, newer }: Node<Key, Value>): void {
    if (older === null) this.oldest = newer
    else older.newer = newer
    if (newer === null) this.newest = older
    else newer.older = older
  }
}
