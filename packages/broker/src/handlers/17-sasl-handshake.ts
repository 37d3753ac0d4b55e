import { ErrorCode, SaslHandshake } from '@odradek/protocol'
import { handler } from '../handler.ts'

/**
 * SaslHandshake 0-1. Listed on every listener, since clients take its absence as "this broker knows no SASL" and then
 * refuse to be configured for it. On a listener without SASL, Kafka answers like this and keeps the connection.
 */
export const saslHandshake = handler(SaslHandshake, [0, 1], () => ({
  errorCode: ErrorCode.ILLEGAL_SASL_STATE,
  mechanisms: [],
}))
