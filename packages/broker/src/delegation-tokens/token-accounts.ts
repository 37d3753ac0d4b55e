import type { Clock, Later, Prng } from '@odradek/core'
import type { ScramAccount, ScramAccounts } from '../security/sasl/scram-exchange.ts'
import {
  SCRAM_ITERATIONS_MIN,
  type ScramCredential,
  type ScramMechanism,
  saltPassword,
  scramCredential,
} from '../security/sasl/scram-keys.ts'
import { type DelegationToken, isExpired, USER } from './delegation-token.ts'
import type { DelegationTokens } from './delegation-token-table.ts'
import type { TokenSecret } from './token-secret.ts'

const SALT_BYTES = 16

/** Finds who a token's bearer is, for logins by SCRAM: its id is the user name, its HMAC in base64 the password. */
export class TokenAccounts {
  private readonly tokens: DelegationTokens
  private readonly clock: Pick<Clock, 'wallMs'>
  private readonly prng: Prng
  /** As long as the token is there as it is: one salt, and PBKDF2 once. */
  private readonly known = new WeakMap<DelegationToken, Map<ScramMechanism, Promise<ScramCredential>>>()

  constructor(tokens: DelegationTokens, clock: Pick<Clock, 'wallMs'>, prng: Prng) {
    this.tokens = tokens
    this.clock = clock
    this.prng = prng
  }

  /** Null for one that has expired too, which Kafka lets in until it has looked for such. */
  find: ScramAccounts['token'] = (mechanism: ScramMechanism, tokenId: string): Later<ScramAccount | null> => {
    const { secret } = this.tokens
    const token = this.tokens.find(tokenId)
    if (secret === null || token === null || !token.owner.startsWith(USER)) return null
    if (isExpired(token, BigInt(Math.trunc(this.clock.wallMs())))) return null
    // What is past a number's exactness is for ever.
    const expiresMs = Math.min(Number(token.expiryTimestampMs), Number.MAX_SAFE_INTEGER)
    const who = { name: token.owner.slice(USER.length), expiresMs, byToken: true }
    return this.credential(token, secret, mechanism).then((credential) => ({ credential, who }))
  }

  private credential(token: DelegationToken, secret: TokenSecret, mechanism: ScramMechanism): Promise<ScramCredential> {
    const own = this.known.get(token) ?? new Map<ScramMechanism, Promise<ScramCredential>>()
    this.known.set(token, own)
    const known = own.get(mechanism)
    if (known !== undefined) return known
    const made = this.makeCredential(secret.hmacOf(token.id).toString('base64'), mechanism)
    own.set(mechanism, made)
    return made
  }

  private async makeCredential(password: string, mechanism: ScramMechanism): Promise<ScramCredential> {
    const salt = this.prng.bytes(SALT_BYTES)
    const salted = await saltPassword(mechanism, password, salt, SCRAM_ITERATIONS_MIN)
    return scramCredential(mechanism, salt, salted, SCRAM_ITERATIONS_MIN)
  }
}
