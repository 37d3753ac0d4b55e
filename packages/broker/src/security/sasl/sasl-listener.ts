import type { Clock } from '@odradek/core'
import type { ListenerKeys } from '../listener-keys.ts'
import type { SaslExchange } from './sasl-exchange.ts'

/** The logins of one listener. */
export interface SaslListener {
  readonly keys: ListenerKeys
  readonly clock: Clock
  /** sasl.enabled.mechanisms, those that work here. */
  readonly mechanisms: readonly string[]
  /** Begins a login; null where the mechanism is not enabled. */
  begin(mechanism: string): SaslExchange | null
  /** sasl.server.max.receive.size */
  readonly receiveBytesMax: number
  /** connection.failed.authentication.delay.ms */
  readonly failureDelayMs: number
  /** connections.max.reauth.ms of a mechanism; 0: for ever. */
  sessionMsMax(mechanism: string): number
}
