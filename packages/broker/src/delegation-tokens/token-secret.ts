import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** `delegation.token.secret.key`: whoever has it can make any token. It is never written out. */
export class TokenSecret {
  private readonly key: KeyObject

  constructor(text: string) {
    this.key = createSecretKey(Buffer.from(text))
  }

  /** Null without a key, or with an empty one: there are no tokens then. */
  static of(text: string | null): TokenSecret | null {
    return text === null || text === '' ? null : new TokenSecret(text)
  }

  /** What its bearer proves to have: in base64 it is the password that goes with the token's id. */
  hmacOf(tokenId: string): Buffer {
    return createHmac('sha512', this.key).update(tokenId).digest()
  }
}
