import type { ListenerAccess } from '../listener-config.ts'
import type { ListenerKeys } from './listener-keys.ts'
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
  return {
    authenticates: true,
    loginBy,
    clearTextMechanism: overheard.find((name) => mechanisms.includes(name)) ?? null,
  }
}
