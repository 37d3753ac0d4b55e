import { createHash } from 'node:crypto'
import type { DelegationToken } from './delegation-token.ts'
import type { TokenSecret } from './token-secret.ts'

/** The tokens that the metadata log has at this moment, expired ones among them until they are looked for. */
export interface DelegationTokens {
  /** Null: tokens are not enabled. They stay in the log meanwhile. */
  readonly secret: TokenSecret | null
  readonly size: number
  /** Of the names of all: what an answer about all of them is large by. */
  readonly nameBytes: number
  all(): Iterable<DelegationToken>
  find(id: string): DelegationToken | null
  /** Null without a secret. */
  findByHmac(hmac: Uint8Array): DelegationToken | null
  /** How many tokens of all there are he asked for. */
  requestedBy(principal: string): number
}

export class DelegationTokenTable implements DelegationTokens {
  readonly secret: TokenSecret | null
  private readonly byId = new Map<string, DelegationToken>()
  private readonly idByHmacHash = new Map<string, string>()
  private readonly counts = new Map<string, number>()

  private bytes = 0

  constructor(secret: TokenSecret | null) {
    this.secret = secret
  }

  get size(): number {
    return this.byId.size
  }

  get nameBytes(): number {
    return this.bytes
  }

  all(): Iterable<DelegationToken> {
    return this.byId.values()
  }

  find(id: string): DelegationToken | null {
    return this.byId.get(id) ?? null
  }

  findByHmac(hmac: Uint8Array): DelegationToken | null {
    const id = this.idByHmacHash.get(hashOf(hmac))
    return id === undefined ? null : this.find(id)
  }

  requestedBy(principal: string): number {
    return this.counts.get(principal) ?? 0
  }

  /** Null: gone. */
  take(changes: ReadonlyMap<string, DelegationToken | null>): void {
    for (const [id, token] of changes) {
      const before = this.find(id)
      if (before !== null) this.count(before.requester, -1)
      if (token !== null) this.count(token.requester, 1)
      this.bytes += (token === null ? 0 : nameBytesOf(token)) - (before === null ? 0 : nameBytesOf(before))
      if (token === null) this.byId.delete(id)
      else this.byId.set(id, token)
      // A renewal changes nothing about the HMAC.
      if ((before === null) !== (token === null)) this.index(id, token !== null)
    }
  }

  private count(requester: string, by: number): void {
    const count = this.requestedBy(requester) + by
    if (count === 0) this.counts.delete(requester)
    else this.counts.set(requester, count)
  }

  private index(id: string, isThere: boolean): void {
    if (this.secret === null) return
    const hash = hashOf(this.secret.hmacOf(id))
    if (isThere) this.idByHmacHash.set(hash, id)
    else this.idByHmacHash.delete(hash)
  }
}

export function nameBytesOf({
  owner,
  requester,
  renewers,
}: Pick<DelegationToken, 'owner' | 'requester' | 'renewers'>): number {
  return [owner, requester, ...renewers].reduce((sum, name) => sum + Buffer.byteLength(name), 0)
}

/** What is looked up is no secret: how long that takes tells nothing. */
function hashOf(hmac: Uint8Array): string {
  return createHash('sha256').update(hmac).digest('base64')
}
