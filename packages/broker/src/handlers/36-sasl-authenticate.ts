import { ErrorCode, type ResponseOf, SaslAuthenticate } from '@odradek/protocol'
import { handler } from '../handler.ts'
import { afterDelay } from '../security/sasl/login-request.ts'
import { NO_TOKEN } from '../security/sasl/sasl-exchange.ts'

type Response = ResponseOf<typeof SaslAuthenticate>

const NO_LIFETIME = 0n

/**
 * SaslAuthenticate 0-2: one token of a login after a handshake of version 1. From version 1 on the answer to the last says
 * for how long it holds. Whoever fails is told so after `connection.failed.authentication.delay.ms`, and cut off.
 */
export const saslAuthenticate = handler(
  SaslAuthenticate,
  [0, 2],
  async (request, context): Promise<Response> => {
    const { sasl } = context.connection
    const answer = sasl === null ? null : await sasl.authenticate(request.authBytes)
    if (sasl === null || answer === null) {
      const errorMessage = 'SaslAuthenticate request received after successful authentication'
      return {
        errorCode: ErrorCode.ILLEGAL_SASL_STATE,
        errorMessage,
        authBytes: NO_TOKEN,
        sessionLifetimeMs: NO_LIFETIME,
      }
    }
    if (answer.ok) {
      const sessionLifetimeMs = BigInt(Math.floor(answer.lifetimeMs))
      return { errorCode: ErrorCode.NONE, errorMessage: '', authBytes: answer.token, sessionLifetimeMs }
    }
    context.closeAfterAnswer(`the login failed (${answer.message})`)
    await afterDelay(context, sasl.failureDelayMs)
    const errorCode = ErrorCode.SASL_AUTHENTICATION_FAILED
    return { errorCode, errorMessage: answer.message, authBytes: NO_TOKEN, sessionLifetimeMs: NO_LIFETIME }
  },
  {
    onBug: () => ({
      errorCode: ErrorCode.UNKNOWN_SERVER_ERROR,
      errorMessage: null,
      authBytes: NO_TOKEN,
      sessionLifetimeMs: NO_LIFETIME,
    }),
  },
)
