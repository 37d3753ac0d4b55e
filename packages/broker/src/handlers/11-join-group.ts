import { ErrorCode, JoinGroup, type JoinGroupRequest } from '@odradek/protocol'
import { askGroup } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

/** A UUID's worth of chance in the id of a new member. */
const MEMBER_ID_BYTES = 16

const REBALANCE_TIMEOUT_VERSION_MIN = 1
const KNOWN_MEMBER_ID_VERSION_MIN = 4
const NULLABLE_PROTOCOL_NAME_VERSION_MIN = 7
const SKIP_ASSIGNMENT_VERSION_MIN = 9

/**
 * JoinGroup 0-9. Rebalance time-outs from version 1 (before: the session's), MEMBER_ID_REQUIRED from 4, static members
 * from 5, a leader that may skip assigning from 9. Kafka never answers a member that names a protocol twice; here it is
 * an INVALID_REQUEST.
 */
export const joinGroup = handler(
  JoinGroup,
  [0, 9],
  async (request, context) => {
    const { version } = context
    if (!context.authorize('READ', 'GROUP', request.groupId))
      return failed(ErrorCode.GROUP_AUTHORIZATION_FAILED, '', version)
    if (namesTwice(request)) return failed(ErrorCode.INVALID_REQUEST, request.memberId, version)
    // The group keeps copies, and counts them.
    const handedOver = () => context.dropRows(request.protocols)
    const result = await askGroup<'JoinGroup'>(context, request.groupId, commandOf(request, context), handedOver)
    return {
      errorCode: result.errorCode,
      generationId: result.generationId,
      protocolType: result.protocolType,
      protocolName: protocolNameOf(result.protocolName, version),
      leader: result.leader,
      skipAssignment: result.skipAssignment,
      memberId: result.memberId,
      members: result.members.map(({ memberId, groupInstanceId, metadata }) => ({
        memberId,
        groupInstanceId,
        metadata,
      })),
    }
  },
  { onBug: (request, version) => failed(ErrorCode.UNKNOWN_SERVER_ERROR, request.memberId, version) },
)

function commandOf(request: JoinGroupRequest, context: RequestContext) {
  const { version } = context
  return {
    kind: 'JoinGroup',
    groupId: request.groupId,
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: context.clientId ?? '',
    clientHost: `/${context.connection.peer.host}`,
    memberIdBytes: context.services.prng.bytes(MEMBER_ID_BYTES),
    sessionTimeoutMs: request.sessionTimeoutMs,
    rebalanceTimeoutMs:
      version >= REBALANCE_TIMEOUT_VERSION_MIN ? request.rebalanceTimeoutMs : request.sessionTimeoutMs,
    protocolType: request.protocolType,
    protocols: request.protocols,
    requiresKnownMemberId: version >= KNOWN_MEMBER_ID_VERSION_MIN,
    supportsSkipAssignment: version >= SKIP_ASSIGNMENT_VERSION_MIN,
  } as const
}

function namesTwice({ protocols }: JoinGroupRequest): boolean {
  return new Set(protocols.map(({ name }) => name)).size < protocols.length
}

function protocolNameOf(protocolName: string | null, version: number): string | null {
  return version >= NULLABLE_PROTOCOL_NAME_VERSION_MIN ? protocolName : (protocolName ?? '')
}

function failed(errorCode: ErrorCode, memberId: string, version: number) {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: protocolNameOf(null, version),
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  }
}
