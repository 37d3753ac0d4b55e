import { utf8 } from './sasl-exchange.ts'

/** The only message of a client with a token (RFC 7628). */
export interface BearerMessage {
  /** Empty: for himself. */
  readonly authorizationId: string
  readonly token: string
}

const SEPARATOR = '\u0001'
const HEADER = /^n,(?:a=([^,]*))?,$/
const TOKEN = /^Bearer +([-A-Za-z0-9._~+/]+=*) *$/i

/** `n,a=NAME,^Aauth=Bearer TOKEN^A…^A^A`; further pairs are taken and not looked at. Null: not in that form. */
export function parseBearerMessage(bytes: Uint8Array): BearerMessage | null {
  const parts = (utf8(bytes) ?? '').split(SEPARATOR)
  const header = HEADER.exec(parts[0] ?? '')
  const pairs = parts.slice(1, -2)
  if (header === null || parts.length < 4 || parts.slice(-2).some((part) => part !== '')) return null
  const values = new Map<string, string>()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const key = pair.slice(0, equals)
    if (!/^[A-Za-z]+$/.test(key) || values.has(key)) return null
    values.set(key, pair.slice(equals + 1))
  }
  const token = TOKEN.exec(values.get('auth') ?? '')?.[1]
  const authorizationId = (header[1] ?? '').replaceAll('=2C', ',').replaceAll('=3D', '=')
  return token === undefined ? null : { authorizationId, token }
}
