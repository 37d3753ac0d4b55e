import { DescribeDelegationToken, ErrorCode, type ResponseOf } from '@odradek/protocol'
import {
  concerns,
  type DelegationToken,
  principalParts,
  requesterParts,
} from '../delegation-tokens/delegation-token.ts'
import { mayAskForTokens } from '../delegation-tokens/token-requests.ts'
import type { TokenSecret } from '../delegation-tokens/token-secret.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'

type Row = ResponseOf<typeof DescribeDelegationToken>['tokens'][number]

/**
 * DescribeDelegationToken 0-3 (KIP-48), HMACs included: one's own tokens, those that one may renew or has asked for, and those
 * that one has the right to describe, token by token or by owner (KIP-373). No owners: none; null: of all.
 */
export const describeDelegationToken = handler(
  DescribeDelegationToken,
  [0, 3],
  async (request, context) => {
    if (!mayAskForTokens(context)) return refused(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED)
    const { delegationTokens, clock } = context.services
    const { secret } = delegationTokens
    if (secret === null) return refused(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED)
    const owners = request.owners?.map(({ principalType, principalName }) => `${principalType}:${principalName}`)
    const asked = owners === undefined ? null : new Set(owners)
    const asker = new Set([context.connection.principal])
    const rows = await mapInTurns(clock, [...delegationTokens.all()], (token) => {
      // As in Kafka, a token is also one of its requester's and of its renewers' here.
      const isAskedFor = asked === null || concerns(token, asked)
      const isShown = isAskedFor && (concerns(token, asker) || mayDescribe(token, context))
      return isShown ? rowOf(token, secret, context.version) : null
    })
    return { errorCode: ErrorCode.NONE, tokens: rows.filter((row) => row !== null) }
  },
  { isAnsweredInTurns: true, onBug: () => refused(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function mayDescribe({ id, owner }: DelegationToken, context: RequestContext): boolean {
  return context.authorize('DESCRIBE', 'DELEGATION_TOKEN', id) || context.authorize('DESCRIBE_TOKENS', 'USER', owner)
}

function rowOf(token: DelegationToken, secret: TokenSecret, version: number): Row {
  return {
    ...principalParts(token.owner),
    ...requesterParts(token.requester, version),
    issueTimestamp: token.issueTimestampMs,
    expiryTimestamp: token.expiryTimestampMs,
    maxTimestamp: token.maxTimestampMs,
    tokenId: token.id,
    hmac: secret.hmacOf(token.id),
    renewers: token.renewers.map(principalParts),
  }
}

function refused(errorCode: ErrorCode) {
  return { errorCode, tokens: [] }
}
