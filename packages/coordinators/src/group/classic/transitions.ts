/** Kafka's own names, which DescribeGroups and ListGroups show. `Dead`: taken out of the machine. */
export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

/**
 * What moves a group from state to state.
 * - `rebalance`: a round begins; members are to join.
 * - `joined`: the round has ended with members; the leader is to assign.
 * - `emptied`: the round has ended with nobody.
 * - `assigned`: the leader's assignment has arrived.
 * - `deleted`: by request, or by the check that removes empty groups.
 */
export type ClassicGroupEvent = 'rebalance' | 'joined' | 'emptied' | 'assigned' | 'deleted'

/** Null: cannot happen, and is our bug if it does. */
export const transitions: Record<ClassicGroupState, Record<ClassicGroupEvent, ClassicGroupState | null>> = {
  Empty: { rebalance: 'PreparingRebalance', joined: null, emptied: null, assigned: null, deleted: 'Dead' },
  PreparingRebalance: {
    rebalance: null,
    joined: 'CompletingRebalance',
    emptied: 'Empty',
    assigned: null,
    deleted: null,
  },
  CompletingRebalance: {
    rebalance: 'PreparingRebalance',
    joined: null,
    emptied: null,
    assigned: 'Stable',
    deleted: null,
  },
  Stable: { rebalance: 'PreparingRebalance', joined: null, emptied: null, assigned: null, deleted: null },
  Dead: { rebalance: null, joined: null, emptied: null, assigned: null, deleted: null },
}
