import type { BearerMessage } from './bearer-message.ts'
import { parseBearerMessage } from './bearer-message.ts'
import type { TokenVerifier } from './bearer-tokens.ts'
import { failedLogin, NO_TOKEN, type SaslExchange, type SaslStep } from './sasl-exchange.ts'

const INVALID_TOKEN = JSON.stringify({ status: 'invalid_token' })
/** With it a client takes note that its token was refused. */
const ACKNOWLEDGED = 1

/** OAUTHBEARER (RFC 7628): a refused token is a challenge first, and fails when the client has taken note, as in Kafka. */
export class BearerExchange implements SaslExchange {
  private readonly verifier: TokenVerifier
  private state: 'first' | 'refused' | 'over' = 'first'

  constructor(verifier: TokenVerifier) {
    this.verifier = verifier
  }

  evaluate(bytes: Uint8Array): SaslStep | Promise<SaslStep> {
    const { state } = this
    this.state = 'over'
    if (state === 'refused') return failedLogin(bytes.length === 1 && bytes[0] === ACKNOWLEDGED ? INVALID_TOKEN : null)
    const message = state === 'first' ? parseBearerMessage(bytes) : null
    return message === null ? failedLogin() : this.verify(message)
  }

  private async verify({ authorizationId, token }: BearerMessage): Promise<SaslStep> {
    const verdict = await this.verifier.verify(token)
    if (verdict === null) {
      this.state = 'refused'
      return { kind: 'challenge', token: Buffer.from(INVALID_TOKEN) }
    }
    const { name, expiresMs } = verdict
    if (authorizationId !== '' && authorizationId !== name) {
      return failedLogin('Authentication failed: Client requested an authorization id that is different from username')
    }
    return { kind: 'done', token: NO_TOKEN, who: { name, expiresMs, byToken: false } }
  }
}
