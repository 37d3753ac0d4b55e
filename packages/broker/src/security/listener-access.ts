import type { ListenerAccess } from '../listener-config.ts'
import type { ListenerKeys } from './listener-keys.ts'
import { UNSECURED } from './sasl/open-bearer.ts'
import { hasSasl, hasTls, type SecurityProtocol } from './security-protocol.ts'

/** Mechanisms whose messages give away what others could log in with. */
const OVERHEARD = ['PLAIN', 'OAUTHBEARER']

/** How much a listener asks of its clients, from its keys alone. */
export function accessOf(keys: ListenerKeys, protocol: SecurityProtocol): ListenerAccess {
  if (!hasSasl(protocol)) {
    const authenticates = hasTls(protocol) && keys.text('ssl.client.auth') === 'required'
    return { authenticates, loginBy: authenticates ? 'client certificate' : null, clearTextMechanism: null }
  }
  const overheard = hasTls(protocol) ? [] : OVERHEARD
  const mechanisms = keys.list('sasl.enabled.mechanisms')
  const loginBy = mechanisms.join(', ')
  // Nobody proves anything by a token that nobody has signed.
  const isUnsecured = mechanisms.includes('OAUTHBEARER') && keys.text(UNSECURED) === 'true'
  return {
    authenticates: !isUnsecured,
    loginBy,
    clearTextMechanism: overheard.find((name) => mechanisms.includes(name)) ?? null,
  }
}
