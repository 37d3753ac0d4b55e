import type { Later } from '@odradek/core'

/** Kafka's names of the mechanisms that work here; GSSAPI is not among them. */
export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const

export type SaslMechanism = (typeof SASL_MECHANISMS)[number]

/** What a client has proven to be. */
export interface LoggedIn {
  /** Behind `User:`. */
  readonly name: string
  /** When what he logged in with ends, in wall time; null: never. */
  readonly expiresMs: number | null
  /** By a delegation token, which may not make others. */
  readonly byToken: boolean
}

/** What comes of one token of the client. */
export type SaslStep =
  | { readonly kind: 'challenge'; readonly token: Uint8Array }
  | { readonly kind: 'done'; readonly token: Uint8Array; readonly who: LoggedIn }
  /** `message` null: the sentence that tells nothing. */
  | { readonly kind: 'failed'; readonly message: string | null }

/** The server's side of one login, whatever the mechanism. After `done` or `failed` it is over. */
export interface SaslExchange {
  evaluate(token: Uint8Array): Later<SaslStep>
}

export const NO_TOKEN = new Uint8Array(0)

export function failedLogin(message: string | null = null): SaslStep {
  return { kind: 'failed', message }
}

/** Strict UTF-8; null for bytes that are none. */
export function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return null
  }
}
