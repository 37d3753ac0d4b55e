import { DeleteGroups, ErrorCode } from '@odradek/protocol'
import { askGroup } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'
import { mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'

/** DeleteGroups 0-3. A group named twice is answered once; Kafka gives no words (version 3) for the errors that occur. */
export const deleteGroups = handler(
  DeleteGroups,
  [0, 3],
  async (request, context) => {
    const groupIds = Array.from(new Set(request.groupsNames))
    const errorCodes = await mapInTurns(context.services.clock, groupIds, (groupId) => remove(groupId, context))
    return { results: groupIds.map((groupId, index) => resultOf(groupId, errorCodes[index] ?? ErrorCode.NONE)) }
  },
  {
    onBug: (request) => ({ results: request.groupsNames.map((id) => resultOf(id, ErrorCode.UNKNOWN_SERVER_ERROR)) }),
  },
)

async function remove(groupId: string, context: RequestContext): Promise<ErrorCode> {
  if (!context.authorize('DELETE', 'GROUP', groupId)) return ErrorCode.GROUP_AUTHORIZATION_FAILED
  const { errorCode } = await askGroup<'DeleteGroup'>(context, groupId, { kind: 'DeleteGroup', groupId })
  return errorCode
}

function resultOf(groupId: string, errorCode: ErrorCode) {
  return { groupId, errorCode, errorMessage: null }
}
