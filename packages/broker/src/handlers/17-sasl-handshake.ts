import { ErrorCode, type ResponseOf, SaslHandshake } from '@odradek/protocol'
import { handler } from '../handler.ts'
import { afterDelay } from '../security/sasl/login-request.ts'

type Response = ResponseOf<typeof SaslHandshake>

/**
 * SaslHandshake 0-1. Listed on every listener, since clients take its absence as "this broker knows no SASL" and then
 * refuse to be configured for it. On a listener without SASL, and where nobody has to log in again, Kafka answers
 * ILLEGAL_SASL_STATE and keeps the connection. After version 0 tokens come without requests around them.
 */
export const saslHandshake = handler(
  SaslHandshake,
  [0, 1],
  (request, context) => {
    const { sasl } = context.connection
    if (sasl === null) return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] }
    const response: Response = sasl.handshake(request.mechanism, context.version)
    if (response.errorCode !== ErrorCode.UNSUPPORTED_SASL_MECHANISM) return response
    context.closeAfterAnswer('the client wants a SASL mechanism that is not enabled (sasl.enabled.mechanisms)')
    return afterDelay(context, sasl.failureDelayMs).then(() => response)
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, mechanisms: [] }) },
)
