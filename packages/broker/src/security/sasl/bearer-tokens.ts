import type { Clock } from '@odradek/core'
import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose'

export interface VerifiedToken {
  readonly name: string
  readonly expiresMs: number
}

export interface TokenVerifier {
  /** Null: not to be trusted. */
  verify(token: string): Promise<VerifiedToken | null>
}

/** What a token must say, whoever signed it. */
export interface TokenTerms {
  /** Null: anybody's. */
  readonly issuer: string | null
  /** One of them; empty: for anybody. */
  readonly audience: readonly string[]
  /** All of them. */
  readonly scope: readonly string[]
  readonly scopeClaim: string
  readonly nameClaim: string
  readonly skewSeconds: number
}

/** Signatures that the holder of a public key cannot make. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const MS_PER_SECOND = 1000

/** Tokens that are signed by one of the keys that `keysOf` gives. */
export class SignedTokens implements TokenVerifier {
  private readonly terms: TokenTerms
  private readonly clock: Clock
  private readonly keysOf: () => Promise<JWTVerifyGetKey>

  constructor(terms: TokenTerms, clock: Clock, keysOf: () => Promise<JWTVerifyGetKey>) {
    this.terms = terms
    this.clock = clock
    this.keysOf = keysOf
  }

  async verify(token: string): Promise<VerifiedToken | null> {
    const { jwtVerify } = await import('jose')
    try {
      const options = { ...optionsOf(this.terms, this.clock), algorithms: ALGORITHMS }
      const { payload } = await jwtVerify(token, await this.keysOf(), options)
      return verdictOn(payload, this.terms)
    } catch {
      return null
    }
  }
}

/** Tokens that nobody has signed: whoever makes one is whom he says. For development alone. */
export class UnsecuredTokens implements TokenVerifier {
  private readonly terms: TokenTerms
  private readonly clock: Clock

  constructor(terms: TokenTerms, clock: Clock) {
    this.terms = terms
    this.clock = clock
  }

  async verify(token: string): Promise<VerifiedToken | null> {
    const { UnsecuredJWT } = await import('jose')
    try {
      return verdictOn(UnsecuredJWT.decode(token, optionsOf(this.terms, this.clock)).payload, this.terms)
    } catch {
      return null
    }
  }
}

function optionsOf({ issuer, audience, skewSeconds, nameClaim }: TokenTerms, clock: Clock): JWTVerifyOptions {
  return {
    ...(issuer === null ? {} : { issuer }),
    ...(audience.length === 0 ? {} : { audience: [...audience] }),
    clockTolerance: skewSeconds,
    currentDate: new Date(clock.wallMs()),
    requiredClaims: ['exp', 'iat', nameClaim],
  }
}

function verdictOn(payload: JWTPayload, { nameClaim, scopeClaim, scope }: TokenTerms): VerifiedToken | null {
  const name = payload[nameClaim]
  const { exp } = payload
  if (typeof name !== 'string' || name.trim() === '' || exp === undefined) return null
  const held = scopesOf(payload[scopeClaim])
  // What is past a number's exactness is for ever: the answer has 64 bits for it.
  const expiresMs = Math.min(exp * MS_PER_SECOND, Number.MAX_SAFE_INTEGER)
  return scope.every((one) => held.includes(one)) ? { name, expiresMs } : null
}

/** A list, or a text with spaces between. */
function scopesOf(claim: unknown): readonly unknown[] {
  if (Array.isArray(claim)) return claim
  return typeof claim === 'string' ? claim.split(' ') : []
}
