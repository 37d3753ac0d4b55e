import { DescribeGroups, ErrorCode } from '@odradek/protocol'
import { authorizedOperations, OPERATIONS_NOT_REQUESTED } from '../authorized-operations.ts'
import { askGroup } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'
import { eachOnce, mapInTurns } from '../in-turns.ts'
import type { RequestContext } from '../request-context.ts'

/** Below this version a missing group is no error but a group in state "Dead". */
const GROUP_ID_NOT_FOUND_VERSION_MIN = 6

/** DescribeGroups 0-6. Rows in the order of the request, a group named twice twice. Authorized operations from version 3. */
export const describeGroups = handler(
  DescribeGroups,
  [0, 6],
  async (request, context) => ({
    groups: await mapInTurns(
      context.services.clock,
      request.groups,
      eachOnce((groupId) => describe(groupId, request.includeAuthorizedOperations, context)),
    ),
  }),
  {
    isAnsweredInTurns: true,
    onBug: (request) => ({ groups: request.groups.map((id) => failed(id, ErrorCode.UNKNOWN_SERVER_ERROR)) }),
  },
)

async function describe(groupId: string, withOperations: boolean, context: RequestContext) {
  if (!context.authorize('DESCRIBE', 'GROUP', groupId)) return failed(groupId, ErrorCode.GROUP_AUTHORIZATION_FAILED)
  const group = await askGroup<'DescribeGroup'>(context, groupId, { kind: 'DescribeGroup', groupId })
  const missing = group.errorCode === ErrorCode.GROUP_ID_NOT_FOUND
  if (group.errorCode !== ErrorCode.NONE && !missing) return failed(groupId, group.errorCode)
  const silent = missing && context.version < GROUP_ID_NOT_FOUND_VERSION_MIN
  return {
    errorCode: silent ? ErrorCode.NONE : group.errorCode,
    errorMessage: silent ? null : group.errorMessage,
    groupId,
    groupState: group.groupState,
    protocolType: group.protocolType,
    protocolData: group.protocolData,
    members: group.members,
    authorizedOperations:
      withOperations && (silent || !missing)
        ? authorizedOperations(context, 'GROUP', groupId)
        : OPERATIONS_NOT_REQUESTED,
  }
}

function failed(groupId: string, errorCode: ErrorCode) {
  return {
    errorCode,
    errorMessage: null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: OPERATIONS_NOT_REQUESTED,
  }
}
