import { ErrorCode, ListGroups } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import { askAllGroups } from '../groups/ask-group.ts'
import { handler } from '../handler.ts'

/** ListGroups 0-5: the groups that this node coordinates. Filters by state from version 4, by type from 5. */
export const listGroups = handler(
  ListGroups,
  [0, 5],
  async (request, context) => {
    // Every machine looks at them.
    const statesFilter = meaningful(request.statesFilter, STATES)
    const typesFilter = meaningful(request.typesFilter, TYPES)
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
  { isAnsweredInTurns: true, onBug: () => ({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, groups: [] }) },
)

/** Of all kinds of groups. */
const STATES = [
  'PreparingRebalance',
  'CompletingRebalance',
  'Stable',
  'Empty',
  'Dead',
  'Assigning',
  'Reconciling',
  'NotReady',
]
const TYPES = ['Classic', 'Consumer', 'Share', 'Streams']

/** Those of the filters that can match, in any case; others match nothing, but they are filters. */
function meaningful(filters: readonly string[], known: readonly string[]): readonly string[] {
  if (filters.length === 0) return []
  const asked = new Set(filters.map((filter) => filter.toLowerCase()))
  const found = known.filter((name) => asked.has(name.toLowerCase()))
  return found.length > 0 ? found : ['no such name']
}
