import { ErrorCode, ExpireDelegationToken } from '@odradek/protocol'
import { mayAskForTokens } from '../delegation-tokens/token-requests.ts'
import { handler } from '../handler.ts'

const NO_TIMESTAMP = -1n

/** ExpireDelegationToken 0-2 (KIP-48): by the token's owner or one of its renewers. A negative period ends it at once. */
export const expireDelegationToken = handler(
  ExpireDelegationToken,
  [0, 2],
  async ({ hmac, expiryTimePeriodMs: periodMs }, context) => {
    if (!mayAskForTokens(context)) return refused(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED)
    const { principal } = context.connection
    const command = { hmac, principal, periodMs }
    const { error, expiryTimestampMs } = await context.services.controller.expireDelegationToken(command)
    return { errorCode: ErrorCode[error], expiryTimestampMs }
  },
  { onBug: () => refused(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function refused(errorCode: ErrorCode) {
  return { errorCode, expiryTimestampMs: NO_TIMESTAMP }
}
