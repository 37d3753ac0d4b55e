import { type Prng, SystemClock } from '@odradek/core'
import { ApiVersions, Metadata, SaslAuthenticate } from '@odradek/protocol'
import { NO_CONFIGS } from '../../config/layers.ts'
import { ListenerKeys } from '../listener-keys.ts'
import { BearerExchange } from './bearer-exchange.ts'
import { PlainExchange } from './plain-exchange.ts'
import { type LoginAnswer, SaslSession } from './sasl-session.ts'
import { ScramClient } from './scram-client-fixture.ts'
import { type ScramAccounts, ScramExchange } from './scram-exchange.ts'
import { type ScramCredential, type ScramMechanism, saltPassword, scramCredential } from './scram-keys.ts'

const NAMES = ['alice', 'bob'] as const
const SCRAM: readonly ScramMechanism[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512']
const FUZZ_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER', 'GSSAPI', ''] as const
/** One round: what costs time in SCRAM is no part of what can go wrong. */
const ITERATIONS = 1
const KEYS = new ListenerKeys('SASL', () => ({ dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: NO_CONFIGS }))
const NEVER_MS = 8_640_000_000_000_000
const GOOD_TOKEN = 'a.good.token'

/** Bytes changed here and there, cut or doubled; sometimes not at all. */
export function mutatedToken(token: Buffer, prng: Prng): Buffer {
  const at = prng.below(token.length + 1)
  switch (prng.below(7)) {
    case 0:
      return token.subarray(0, at)
    case 1:
      return Buffer.concat([token.subarray(0, at), Buffer.from(prng.bytes(1 + prng.below(4))), token.subarray(at)])
    case 2: {
      const copy = Buffer.from(token)
      if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ (1 << prng.below(8))
      return copy
    }
    case 3:
      return Buffer.concat([token.subarray(0, at), token.subarray(at + 1 + prng.below(8))])
    case 4:
      return Buffer.concat([token, token])
    default:
      return token
  }
}

/** What a token says, where several spellings say the same: base64 has spare bits. */
export function meaningOf(mechanism: string, token: Buffer): string {
  if (mechanism === 'PLAIN') return token.toString('latin1').replace(/^(\w+)\0\1\0/, '\0$1\0')
  // What stands around the token may change without its being another.
  if (mechanism === 'OAUTHBEARER')
    return (
      token
        .toString('latin1')
        .split('\u0001')
        .find((pair) => /^auth=Bearer /i.test(pair))
        ?.slice('auth=Bearer '.length)
        .trim() ?? ''
    )
  const parts = token.toString('latin1').split(',')
  const decoded = parts.map((part) =>
    /^[cp]=/.test(part) ? part[0] + Buffer.from(part.slice(2), 'base64').toString('hex') : part,
  )
  return decoded.join()
}

/** Logins without a socket, told wrongly at some point or not. */
export class LoginFuzz {
  private readonly prng: Prng
  private readonly accounts: ScramAccounts
  private readonly clock = new SystemClock()
  /** Logins that were let in. */
  served = 0

  private constructor(prng: Prng, credentials: ReadonlyMap<string, ScramCredential>) {
    this.prng = prng
    this.accounts = {
      user: (mechanism, name) => {
        const credential = credentials.get(`${mechanism} ${name}`)
        return credential === undefined ? null : { credential, who: { name, expiresMs: null, byToken: false } }
      },
      token: () => null,
      fakeSaltKey: Buffer.alloc(32, 1),
    }
  }

  static async open(prng: Prng): Promise<LoginFuzz> {
    const credentials = new Map<string, ScramCredential>()
    const salt = Buffer.from('a salt of sixteen')
    for (const mechanism of SCRAM) {
      for (const name of NAMES) {
        const salted = await saltPassword(mechanism, `${name}-pw`, salt, ITERATIONS)
        credentials.set(`${mechanism} ${name}`, scramCredential(mechanism, salt, salted, ITERATIONS))
      }
    }
    return new LoginFuzz(prng, credentials)
  }

  /** One connection's logins. Whatever is thrown is a bug, and so is a login that is served and was not told rightly. */
  async login(): Promise<void> {
    const { prng } = this
    const session = new SaslSession({
      keys: KEYS,
      clock: this.clock,
      mechanisms: FUZZ_MECHANISMS,
      begin: (mechanism) => this.begin(mechanism),
      receiveBytesMax: 524_288,
      failureDelayMs: 0,
      sessionMsMax: () => 3_600_000,
    })
    if (prng.below(4) === 0 && session.admit(ApiVersions.key) === 'serve') session.versionsAnswered()
    // Out of turn: nothing but a login may be served before it.
    if (prng.below(4) === 0 && session.admit(Metadata.key) === 'serve') throw new Error('served before the login')
    const mechanism = FUZZ_MECHANISMS[prng.below(FUZZ_MECHANISMS.length)] ?? ''
    session.handshake(mechanism, prng.below(2))
    const isTrue = await this.tell(session, mechanism)
    const isServed = session.admit(Metadata.key) === 'serve'
    if (isServed && !isTrue) throw new Error(`${mechanism}: a login was served that was not told rightly`)
    if (isServed) this.served += 1
    await this.tell(session, mechanism)
  }

  private begin(mechanism: string) {
    if (mechanism === 'PLAIN') return new PlainExchange(() => new Map(NAMES.map((name) => [name, `${name}-pw`])))
    if (mechanism === 'OAUTHBEARER') {
      const who = { name: 'alice', expiresMs: NEVER_MS }
      return new BearerExchange({ verify: async (token) => (token === GOOD_TOKEN ? who : null) })
    }
    const scram = SCRAM.find((each) => each === mechanism)
    return scram === undefined ? null : new ScramExchange(scram, this.accounts, this.prng)
  }

  private async tell(session: SaslSession, mechanism: string): Promise<boolean> {
    const { prng } = this
    const name = NAMES[prng.below(2)] ?? 'alice'
    const password = prng.below(5) === 0 ? 'wrong' : `${name}-pw`
    let isTrue = password !== 'wrong'
    const say = async (token: string): Promise<LoginAnswer | null> => {
      if (session.admit(SaslAuthenticate.key) !== 'serve') return null
      const right = Buffer.from(token)
      const told = mutatedToken(right, prng)
      isTrue &&= meaningOf(mechanism, told) === meaningOf(mechanism, right)
      return session.authenticate(told)
    }
    if (mechanism === 'PLAIN') await say(`\0${name}\0${password}`)
    else if (mechanism === 'OAUTHBEARER') {
      await say(`n,,\u0001auth=Bearer ${isTrue ? GOOD_TOKEN : 'another'}\u0001\u0001`)
    } else {
      const scram = SCRAM.find((each) => each === mechanism) ?? 'SCRAM-SHA-256'
      isTrue = (await this.tellScram(new ScramClient(scram, name, password), say)) && isTrue
    }
    return isTrue
  }

  private async tellScram(client: ScramClient, say: (token: string) => Promise<LoginAnswer | null>): Promise<boolean> {
    const answer = await say(client.first)
    const challenge = answer?.ok === true ? Buffer.from(answer.token).toString() : ''
    if (this.prng.below(8) === 0) {
      await say(client.first)
      return false
    }
    // Without a challenge there is nothing to answer, but one may try.
    const isChallenge = /^r=[^,]+,s=[^,]+,i=[1-9]\d{0,4}$/.test(challenge)
    await say(isChallenge ? client.final(challenge).message : 'c=biws,r=,p=')
    return isChallenge
  }
}
