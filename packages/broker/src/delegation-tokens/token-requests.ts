import type { RequestContext } from '../request-context.ts'
import { ANONYMOUS } from '../security/principal.ts'

/**
 * Whether the client may ask anything about tokens: it has proven who it is, and not by a token. A certificate over TLS does,
 * and so does any login.
 */
export function mayAskForTokens({ connection }: RequestContext): boolean {
  const { securityProtocol, principal, sasl } = connection
  if (sasl?.loggedIn?.byToken === true || securityProtocol === 'PLAINTEXT') return false
  return securityProtocol !== 'SSL' || principal !== ANONYMOUS
}
