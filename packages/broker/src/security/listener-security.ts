import type { SaslListener } from './sasl/sasl-listener.ts'
import type { SecurityProtocol } from './security-protocol.ts'
import type { TlsListener } from './tls/tls-listener.ts'

/** What clients of one listener of one node have to do before they are served. */
export interface ListenerSecurity {
  readonly securityProtocol: SecurityProtocol
  /** Null: in clear text. */
  readonly tls: TlsListener | null
  /** Null: nobody logs in. */
  readonly sasl: SaslListener | null
}

/** In clear text, and nobody has to say who he is. */
export const OPEN_LISTENER: ListenerSecurity = { securityProtocol: 'PLAINTEXT', tls: null, sasl: null }
