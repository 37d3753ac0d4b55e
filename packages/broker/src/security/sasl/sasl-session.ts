import type { MonotonicMs } from '@odradek/core'
import { ApiVersions, ErrorCode, SaslAuthenticate, SaslHandshake } from '@odradek/protocol'
import type { LoggedIn, SaslExchange } from './sasl-exchange.ts'
import type { SaslListener } from './sasl-listener.ts'

/** What becomes of a request, before it is looked into. */
export type Admission =
  | 'serve'
  /** Answered with ILLEGAL_SASL_STATE, then the connection ends. */
  | 'illegal'
  /** The connection ends without an answer. */
  | 'close'

/** What a client's token comes to. */
export type LoginAnswer =
  | { readonly ok: true; readonly token: Uint8Array; readonly lifetimeMs: number }
  | { readonly ok: false; readonly message: string }

/**
 * `first`: nothing has come; `handshake`: ApiVersions was answered; `login`: tokens are exchanged; `open`: requests are
 * served; `spoilt`: the client wanted another mechanism than before; `failed`: nothing is served any more.
 */
type State = 'first' | 'handshake' | 'login' | 'open' | 'spoilt' | 'failed'

/** KIP-368: a client that logs in again more often is answered as one that may not. */
const REAUTHENTICATION_INTERVAL_MS_MIN = 1000

/** Where one connection of a listener with SASL stands: Kafka's SaslServerAuthenticator as a state machine. */
export class SaslSession {
  private readonly listener: SaslListener
  private state: State = 'first'
  private exchange: SaslExchange | null = null
  private mechanism = ''
  private rawTokens = false
  private who: LoggedIn | null = null
  private expiresMs: number | null = null
  private lastAgainMs: MonotonicMs | null = null

  constructor(listener: SaslListener) {
    this.listener = listener
  }

  get receiveBytesMax(): number {
    return this.listener.receiveBytesMax
  }

  get failureDelayMs(): number {
    return this.listener.failureDelayMs
  }

  /** Whether somebody has logged in; also while he does so again. */
  get loggedIn(): LoggedIn | null {
    return this.who
  }

  /** What comes next is a token without a request around it (handshake version 0). */
  get takesRawToken(): boolean {
    return this.rawTokens && this.state === 'login'
  }

  admit(apiKey: number): Admission {
    switch (this.state) {
      case 'first':
        return apiKey === ApiVersions.key || apiKey === SaslHandshake.key ? 'serve' : 'close'
      case 'handshake':
        return apiKey === SaslHandshake.key ? 'serve' : 'close'
      case 'login':
        return apiKey === SaslAuthenticate.key ? 'serve' : 'illegal'
      case 'open':
        return this.admitOpen(apiKey)
      case 'spoilt':
      case 'failed':
        return 'close'
    }
  }

  /** ApiVersions was answered without an error: it may not come again. */
  versionsAnswered(): void {
    if (this.state === 'first') this.state = 'handshake'
  }

  /** The mechanism that the next tokens are of. Without an error only where `admit` let it through. */
  handshake(
    mechanism: string,
    version: number,
  ): { readonly errorCode: ErrorCode; readonly mechanisms: readonly string[] } {
    const { mechanisms } = this.listener
    const isAgain = this.state === 'open'
    if (isAgain && !this.mayLoginAgain()) return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] }
    const exchange = this.listener.begin(mechanism)
    if (exchange === null) {
      this.state = 'failed'
      return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms }
    }
    this.lastAgainMs = isAgain ? this.listener.clock.monotonicMs() : null
    this.rawTokens = version === 0
    // As in Kafka the handshake succeeds, and the next request ends it.
    this.state = isAgain && mechanism !== this.mechanism ? 'spoilt' : 'login'
    this.mechanism = mechanism
    this.exchange = exchange
    return { errorCode: ErrorCode.NONE, mechanisms }
  }

  /** Null: no login is under way. */
  async authenticate(token: Uint8Array): Promise<LoginAnswer | null> {
    const { exchange } = this
    if (this.state !== 'login' || exchange === null) return null
    const step = await exchange.evaluate(token)
    if (step.kind === 'challenge') return { ok: true, token: step.token, lifetimeMs: 0 }
    if (step.kind === 'failed') return this.fail(step.message ?? this.sentence())
    return this.open(step.who, step.token)
  }

  private open(who: LoggedIn, token: Uint8Array): LoginAnswer {
    if (this.who !== null && this.who.name !== who.name) {
      const names = `from User.${this.who.name}: User.${who.name}`
      return this.fail(`Cannot change principals during re-authentication ${names}`)
    }
    const { clock } = this.listener
    const bounds: number[] = []
    const reauthMs = this.listener.sessionMsMax(this.mechanism)
    if (reauthMs > 0) bounds.push(reauthMs)
    if (who.expiresMs !== null) bounds.push(Math.max(0, who.expiresMs - clock.wallMs()))
    this.expiresMs = bounds.length === 0 ? null : clock.monotonicMs() + Math.min(...bounds)
    this.who = who
    this.exchange = null
    this.state = 'open'
    return { ok: true, token, lifetimeMs: bounds.length === 0 ? 0 : Math.min(...bounds) }
  }

  private fail(message: string): LoginAnswer {
    this.state = 'failed'
    this.exchange = null
    return { ok: false, message }
  }

  private sentence(): string {
    const what = this.who === null ? 'authentication' : 're-authentication'
    return `Authentication failed during ${what} due to invalid credentials with SASL mechanism ${this.mechanism}`
  }

  private admitOpen(apiKey: number): Admission {
    if (apiKey === SaslHandshake.key && this.mayLoginAgain()) return 'serve'
    const isOver = this.expiresMs !== null && this.listener.clock.monotonicMs() >= this.expiresMs
    return isOver ? 'close' : 'serve'
  }

  private mayLoginAgain(): boolean {
    if (this.expiresMs === null) return false
    const nowMs = this.listener.clock.monotonicMs()
    return this.lastAgainMs === null || nowMs - this.lastAgainMs >= REAUTHENTICATION_INTERVAL_MS_MIN
  }
}
