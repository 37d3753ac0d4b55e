import type { TlsListener } from './tls/tls-listener.ts'

/** What clients of one listener of one node have to do before they are served. */
export interface ListenerSecurity {
  /** Null: in clear text. */
  readonly tls: TlsListener | null
}

/** In clear text, and nobody has to say who he is. */
export const OPEN_LISTENER: ListenerSecurity = { tls: null }
