import { fileURLToPath } from 'node:url'
import type { Clock, Fs } from '@odradek/core'
import type { JWTVerifyGetKey } from 'jose'
import { ListenerConfigError } from '../../listener-config.ts'
import type { ListenerKeys } from '../listener-keys.ts'
import type { SecretFiles } from '../secret-files.ts'
import { SignedTokens, type TokenTerms, type TokenVerifier, UnsecuredTokens } from './bearer-tokens.ts'

const MECHANISM = 'OAUTHBEARER'
const ISSUER = 'sasl.oauthbearer.expected.issuer'
const AUDIENCE = 'sasl.oauthbearer.expected.audience'
const KEYS_URL = 'sasl.oauthbearer.jwks.endpoint.url'
const REQUIRED_SCOPE = 'odradek.oauthbearer.required.scope'
export const UNSECURED = 'odradek.oauthbearer.unsecured'
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Whose tokens let in. All is read at the start and cannot be changed over the wire. @throws ListenerConfigError */
export function openBearer(
  keys: ListenerKeys,
  { fs, clock, secretFiles }: { fs: Fs; clock: Clock; secretFiles: Pick<SecretFiles, 'checkTrusted'> },
): TokenVerifier {
  const isUnsecured = keys.text(UNSECURED) === 'true'
  const terms = termsOf(keys)
  if (isUnsecured) return new UnsecuredTokens(terms, clock)
  if (terms.issuer === null) refuseUnverified(keys, ISSUER, 'sasl.oauthbearer.allow.unverified.issuer')
  if (terms.audience.length === 0) refuseUnverified(keys, AUDIENCE, 'sasl.oauthbearer.allow.unverified.audience')
  const url = keysUrl(keys)
  if (url.protocol === 'file:') secretFiles.checkTrusted(fileURLToPath(url))
  const keysOf = url.protocol === 'file:' ? fileKeys(fs, fileURLToPath(url)) : remoteKeys(url, keys)
  return new SignedTokens(terms, clock, keysOf)
}

function termsOf(keys: ListenerKeys): TokenTerms {
  const text = (key: string) => keys.text(key, MECHANISM)
  const items = (key: string) => (text(key) ?? '').split(/[\s,]+/).filter((item) => item !== '')
  return {
    issuer: text(ISSUER) || null,
    audience: items(AUDIENCE),
    scope: items(REQUIRED_SCOPE),
    scopeClaim: text('sasl.oauthbearer.scope.claim.name') ?? 'scope',
    nameClaim: text('sasl.oauthbearer.sub.claim.name') ?? 'sub',
    skewSeconds: keys.number('sasl.oauthbearer.clock.skew.seconds', MECHANISM),
  }
}

/** As from Kafka 4.4 on: a token made for others must not let in by an oversight. */
function refuseUnverified(keys: ListenerKeys, key: string, permission: string): void {
  if (keys.text(permission, MECHANISM) === 'true') return
  throw new ListenerConfigError(
    `listener ${keys.listener}: OAUTHBEARER needs ${keys.nameOf(key)}, or ${permission}=true to take any`,
  )
}

function keysUrl(keys: ListenerKeys): URL {
  const name = keys.nameOf(KEYS_URL)
  const text = keys.text(KEYS_URL, MECHANISM)
  if (text === null)
    throw new ListenerConfigError(
      `listener ${keys.listener}: OAUTHBEARER needs ${name}: where the keys of tokens are, for example file:/etc/odradek/keys.json`,
    )
  const url = URL.canParse(text) ? new URL(text) : null
  const isClear = url?.protocol === 'http:' && LOOPBACK.includes(url.hostname)
  if (url !== null && (url.protocol === 'file:' || url.protocol === 'https:' || isClear)) return url
  throw new ListenerConfigError(
    `${name}: write a file: or https: URL; http: does for this machine alone, since keys could be exchanged on the way`,
  )
}

/** Read again when it changes. @throws ListenerConfigError for a file that is not there or holds no keys. */
function fileKeys(fs: Fs, path: string): () => Promise<JWTVerifyGetKey> {
  let seen = ''
  let current: JWTVerifyGetKey | null = null
  const read = () => parseKeys(Buffer.from(fs.readFileSync(path) ?? []).toString('utf8'), path)
  read()
  return async () => {
    const stat = fs.statSync(path)
    const state = stat === null ? seen : `${stat.sizeBytes} ${stat.modifiedMs}`
    if (current === null || state !== seen) {
      const { createLocalJWKSet } = await import('jose')
      current = createLocalJWKSet({ keys: read() })
      seen = state
    }
    return current
  }
}

function parseKeys(text: string, path: string): Record<string, unknown>[] {
  let value: unknown = null
  try {
    value = JSON.parse(text)
  } catch {
    // Said below.
  }
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : null
  if (Array.isArray(keys) && keys.every(isObject)) return keys
  throw new ListenerConfigError(`${KEYS_URL}: ${path} is no set of keys: {"keys":[…]}`)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Fetched when the first token comes, then kept for as long as the key says; other addresses are never followed to. */
function remoteKeys(url: URL, keys: ListenerKeys): () => Promise<JWTVerifyGetKey> {
  let remote: JWTVerifyGetKey | null = null
  const cacheMaxAge = keys.number('sasl.oauthbearer.jwks.endpoint.refresh.ms', MECHANISM)
  const cooldownDuration = keys.number('sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms', MECHANISM)
  return async () => {
    const { createRemoteJWKSet } = await import('jose')
    remote ??= createRemoteJWKSet(url, { cacheMaxAge, cooldownDuration })
    return remote
  }
}
