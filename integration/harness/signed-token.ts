import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'

const KEY_ID = 'k'

/** Who signs tokens in tests: its public key is what a broker trusts. */
export class TokenIssuer {
  readonly issuer = 'issuer'
  readonly audience = 'odradek'
  /** What stands at `sasl.oauthbearer.jwks.endpoint.url`. */
  readonly keySet: string
  private readonly key: KeyObject

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    this.key = privateKey
    this.keySet = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256' }] })
  }

  /** A JSON Web Token of alice's, which runs out after `lifetimeSeconds`; `claims` count more than what it says otherwise. */
  token(lifetimeSeconds: number, claims: object = {}): string {
    const seconds = Math.floor(Date.now() / 1000)
    const own = { sub: 'alice', iss: this.issuer, aud: this.audience, iat: seconds, exp: seconds + lifetimeSeconds }
    const signed = `${encode({ alg: 'RS256', kid: KEY_ID })}.${encode({ ...own, ...claims })}`
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(this.key, 'base64url')}`
  }
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
