import { type Later, type Prng, present } from '@odradek/core'
import { sameSecret } from '../constant-time.ts'
import { failedLogin, type LoggedIn, type SaslExchange, type SaslStep, utf8 } from './sasl-exchange.ts'
import {
  SCRAM_ITERATIONS_MIN,
  SCRAM_KEY_BYTES,
  type ScramCredential,
  type ScramMechanism,
  scramHash,
  scramHmac,
} from './scram-keys.ts'
import { type ClientFirst, parseClientFinal, parseClientFirst, serverFirst } from './scram-messages.ts'

/** A credential, and who has it. */
export interface ScramAccount {
  readonly credential: ScramCredential
  readonly who: LoggedIn
}

/** Where credentials are found. */
export interface ScramAccounts {
  /** Null: no such user. */
  user(mechanism: ScramMechanism, name: string): ScramAccount | null
  /** Of a delegation token that is in force; null: there is none. */
  token(mechanism: ScramMechanism, tokenId: string): Later<ScramAccount | null>
  /** Random to others, and the same for a name as long as the process lives. */
  readonly fakeSaltKey: Uint8Array
}

const NONCE_BYTES = 24
/** As what Kafka makes for its users. */
const FAKE_SALT_BYTES = 16

interface Begun {
  readonly first: ClientFirst
  readonly serverFirst: string
  readonly nonce: string
  readonly credential: ScramCredential
  /** Null: nobody has that name, and every proof is wrong. */
  readonly who: LoggedIn | null
}

/**
 * SCRAM (RFC 5802, 7677). Unlike Kafka it does not tell an unknown user at the first message: he gets a salt that stays the
 * same, and fails at the last message like a wrong password.
 */
export class ScramExchange implements SaslExchange {
  private readonly mechanism: ScramMechanism
  private readonly accounts: ScramAccounts
  private readonly prng: Prng
  private begun: Begun | null = null
  private over = false

  constructor(mechanism: ScramMechanism, accounts: ScramAccounts, prng: Prng) {
    this.mechanism = mechanism
    this.accounts = accounts
    this.prng = prng
  }

  evaluate(token: Uint8Array): Later<SaslStep> {
    const text = utf8(token)
    if (this.over || text === null) return this.fail()
    return this.begun === null ? this.takeFirst(text) : this.takeFinal(text, this.begun)
  }

  private takeFirst(text: string): Later<SaslStep> {
    const first = parseClientFirst(text)
    if (first === null) return this.fail()
    const isToken = first.extensions.get('tokenauth')?.toLowerCase() === 'true'
    const account = isToken
      ? this.accounts.token(this.mechanism, first.name)
      : this.accounts.user(this.mechanism, first.name)
    return account instanceof Promise
      ? account.then((found) => this.answerFirst(first, found))
      : this.answerFirst(first, account)
  }

  private answerFirst(first: ClientFirst, account: ScramAccount | null): SaslStep {
    if (first.authorizationId !== '' && first.authorizationId !== first.name) {
      return this.fail('Authentication failed: Client requested an authorization id that is different from username')
    }
    const credential = account?.credential ?? this.fakeCredential(first.name)
    const nonce = first.nonce + Buffer.from(this.prng.bytes(NONCE_BYTES)).toString('base64url')
    const message = serverFirst(nonce, credential.salt, credential.iterations)
    this.begun = { first, serverFirst: message, nonce, credential, who: account?.who ?? null }
    return { kind: 'challenge', token: Buffer.from(message) }
  }

  private takeFinal(text: string, begun: Begun): SaslStep {
    const { first, credential, who, nonce } = begun
    const final = parseClientFinal(text)
    if (final === null) return this.fail()
    // CVE-2024-56128: an old message carries an old nonce.
    if (!sameSecret(final.nonce, nonce) || !final.channelBinding.equals(Buffer.from(first.gs2Header)))
      return this.fail()
    const authMessage = `${first.bare},${begun.serverFirst},${final.withoutProof}`
    const isRight = this.isProof(final.proof, credential, authMessage)
    if (!isRight || who === null) return this.fail()
    this.over = true
    const signature = scramHmac(this.mechanism, credential.serverKey, authMessage).toString('base64')
    return { kind: 'done', token: Buffer.from(`v=${signature}`), who }
  }

  /** The proof uncovers a key whose hash is the stored one. */
  private isProof(proof: Buffer, { storedKey }: ScramCredential, authMessage: string): boolean {
    const signature = scramHmac(this.mechanism, storedKey, authMessage)
    if (proof.length !== signature.length) return false
    const clientKey = Buffer.alloc(proof.length)
    for (let index = 0; index < proof.length; index++) {
      clientKey[index] = present(proof[index], 'within') ^ present(signature[index], 'within')
    }
    return sameSecret(scramHash(this.mechanism, clientKey), storedKey)
  }

  private fakeCredential(name: string): ScramCredential {
    const bytes = scramHmac(this.mechanism, this.accounts.fakeSaltKey, name)
    const storedKey = bytes.subarray(0, SCRAM_KEY_BYTES[this.mechanism])
    const salt = bytes.subarray(0, FAKE_SALT_BYTES)
    return { salt, storedKey, serverKey: storedKey, iterations: SCRAM_ITERATIONS_MIN }
  }

  private fail(message: string | null = null): SaslStep {
    this.over = true
    return failedLogin(message)
  }
}
