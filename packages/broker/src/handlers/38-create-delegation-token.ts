import { CreateDelegationToken, type CreateDelegationTokenRequest, ErrorCode, type ResponseOf } from '@odradek/protocol'
import { principalParts, requesterParts, USER } from '../delegation-tokens/delegation-token.ts'
import { mayAskForTokens } from '../delegation-tokens/token-requests.ts'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'
import { ANONYMOUS } from '../security/principal.ts'

type Response = Omit<ResponseOf<typeof CreateDelegationToken>, 'throttleTimeMs'>

/** In place of times where the broker itself refuses. */
const NO_TIMESTAMP = -1n
/** What Kafka's controller leaves them at. */
const UNSET_TIMESTAMP = 0n

/** CreateDelegationToken 0-3 (KIP-48). From 3 on for another owner, by who may create tokens for him (KIP-373). */
export const createDelegationToken = handler(
  CreateDelegationToken,
  [0, 3],
  async (request, context): Promise<Response> => {
    const { version } = context
    const requester = context.connection.principal
    const owner = ownerOf(request, requester)
    if (owner === null) return tripped(version)
    const principals = principalsOf(owner, requester, version)
    const refusal = refusalOf(request, owner, context)
    if (refusal !== null) return refused(refusal, principals)
    const renewers = request.renewers.map(({ principalType, principalName }) => `${principalType}:${principalName}`)
    const command = { owner, requester, renewers, maxLifetimeMs: request.maxLifetimeMs }
    const { error, made } = await context.services.controller.createDelegationToken(command)
    if (made === null) return refused(ErrorCode[error], principals, UNSET_TIMESTAMP)
    const { token, hmac } = made
    return {
      ...{ errorCode: ErrorCode.NONE, ...principals, tokenId: token.id, hmac },
      issueTimestampMs: token.issueTimestampMs,
      expiryTimestampMs: token.expiryTimestampMs,
      maxTimestampMs: token.maxTimestampMs,
    }
  },
  { onBug: (_, version) => tripped(version) },
)

/** Without a name it is who asks; a name without a type is what Kafka trips over: null. */
function ownerOf(request: CreateDelegationTokenRequest, requester: string): string | null {
  const { ownerPrincipalType: type, ownerPrincipalName: name } = request
  if (name === null || name === '') return requester
  return type === null ? null : `${type}:${name}`
}

function refusalOf(
  { renewers }: CreateDelegationTokenRequest,
  owner: string,
  context: RequestContext,
): ErrorCode | null {
  if (!mayAskForTokens(context)) return ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED
  if (owner !== context.connection.principal && !context.authorize('CREATE_TOKENS', 'USER', owner))
    return ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED
  const areUsers = renewers.every(({ principalType }) => `${principalType}:` === USER)
  return areUsers ? null : ErrorCode.INVALID_PRINCIPAL_TYPE
}

function principalsOf(owner: string, requester: string, version: number) {
  return { ...principalParts(owner), ...requesterParts(requester, version) }
}

function refused(
  errorCode: ErrorCode,
  principals: ReturnType<typeof principalsOf>,
  timestampMs = NO_TIMESTAMP,
): Response {
  return {
    ...{ errorCode, ...principals, tokenId: '', hmac: Buffer.alloc(0) },
    ...{ issueTimestampMs: timestampMs, expiryTimestampMs: timestampMs, maxTimestampMs: timestampMs },
  }
}

function tripped(version: number): Response {
  return refused(ErrorCode.UNKNOWN_SERVER_ERROR, principalsOf(ANONYMOUS, ANONYMOUS, version))
}
