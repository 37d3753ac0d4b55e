import { sameSecret } from '../constant-time.ts'
import { failedLogin, NO_TOKEN, type SaslExchange, type SaslStep, utf8 } from './sasl-exchange.ts'

/** Passwords by user, asked at every login. */
export type PlainUsers = () => ReadonlyMap<string, string>

/** Compared with where there is no such user, so that both take the same time. */
const NOBODY = '\0'

/** SASL/PLAIN (RFC 4616), with Kafka's sentences: they name none of what was sent. */
export class PlainExchange implements SaslExchange {
  private readonly users: PlainUsers

  constructor(users: PlainUsers) {
    this.users = users
  }

  evaluate(token: Uint8Array): SaslStep {
    const text = utf8(token)
    if (text === null) return failedLogin()
    const parts = text.split('\0')
    const [authorizationId, name, password] = parts
    if (parts.length !== 3 || authorizationId === undefined || name === undefined || password === undefined) {
      return failedLogin(`Invalid SASL/PLAIN response: expected 3 tokens, got ${parts.length}`)
    }
    if (name === '') return failedLogin('Authentication failed: username not specified')
    if (password === '') return failedLogin('Authentication failed: password not specified')
    const known = this.users().get(name)
    const isRight = sameSecret(password, known ?? NOBODY)
    if (known === undefined || !isRight) return failedLogin('Authentication failed: Invalid username or password')
    // CVE-2017-12610: nobody may log in as himself and act as another.
    if (authorizationId !== '' && authorizationId !== name) {
      return failedLogin('Authentication failed: Client requested an authorization id that is different from username')
    }
    return { kind: 'done', token: NO_TOKEN, who: { name, expiresMs: null, byToken: false } }
  }
}
