import { ErrorCode, ListGroups } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { askAllGroups } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'

/** ListGroups 0-5: the groups that this node coordinates. Filters by state from version 4, by type from 5. */
export const listGroups = handler(
  ListGroups,
  [0, 5],
  async ({ statesFilter, typesFilter }, context) => {
    const results = await askAllGroups<'ListGroups'>(context, { kind: 'ListGroups', statesFilter, typesFilter })
    const failed = results.find(({ errorCode }) => errorCode !== ErrorCode.NONE)
    if (failed !== undefined) return { errorCode: failed.errorCode, groups: [] }
    const groups = results.flatMap((result) => result.groups)
    if (context.authorize('DESCRIBE', 'CLUSTER', CLUSTER_RESOURCE)) return { errorCode: ErrorCode.NONE, groups }
    return {
      errorCode: ErrorCode.NONE,
      groups: groups.filter(({ groupId }) => context.authorize('DESCRIBE', 'GROUP', groupId)),
    }
  },
  { onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, groups: [] }) },
)
