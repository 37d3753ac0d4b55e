import { ErrorCode, LeaveGroup } from '@odradek/protocol'
import { askGroup } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'

/** Several members, each with its own code, from this version on (KIP-345). */
const MEMBERS_VERSION_MIN = 3

/** LeaveGroup 0-5. Up to version 2 one member leaves, and its code stands at the top. */
export const leaveGroup = handler(
  LeaveGroup,
  [0, 5],
  async (request, context) => {
    const { groupId } = request
    if (!context.authorize('READ', 'GROUP', groupId))
      return { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, members: [] }
    const single = context.version < MEMBERS_VERSION_MIN
    const leaving = single ? [{ memberId: request.memberId, groupInstanceId: null }] : request.members
    const members = leaving.map(({ memberId, groupInstanceId }) => ({ memberId, groupInstanceId }))
    const result = await askGroup<'LeaveGroup'>(context, groupId, { kind: 'LeaveGroup', groupId, members })
    if (single) return { errorCode: result.errorCode || (result.members[0]?.errorCode ?? ErrorCode.NONE), members: [] }
    return { errorCode: result.errorCode, members: result.members }
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, members: [] }) },
)
