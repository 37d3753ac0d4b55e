import { ErrorCode, SyncGroup } from '@odradek/protocol'
import { askGroup } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'

/** From this version on members say which protocol they sync for. */
const PROTOCOL_VERSION_MIN = 5

/** SyncGroup 0-5. Static members from version 3. */
export const syncGroup = handler(
  SyncGroup,
  [0, 5],
  async (request, context) => {
    const { groupId, generationId, memberId, groupInstanceId, protocolType, protocolName, assignments } = request
    const named = protocolType !== null && protocolName !== null
    if (context.version >= PROTOCOL_VERSION_MIN && !named) return failed(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    if (!context.authorize('READ', 'GROUP', groupId)) return failed(ErrorCode.GROUP_AUTHORIZATION_FAILED)
    const command = {
      ...({ kind: 'SyncGroup', groupId, generationId, memberId, groupInstanceId } as const),
      ...{ protocolType, protocolName, assignments },
    }
    // What the leader sends is copied, and what others send means nothing: they wait for the leader without it.
    const result = await askGroup<'SyncGroup'>(context, groupId, command, () => context.dropRows(assignments))
    return {
      errorCode: result.errorCode,
      protocolType: result.protocolType,
      protocolName: result.protocolName,
      assignment: result.assignment,
    }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR) },
)

function failed(errorCode: ErrorCode) {
  return { errorCode, protocolType: null, protocolName: null, assignment: new Uint8Array(0) }
}
