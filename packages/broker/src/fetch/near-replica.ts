import type { NodeId } from '@odradek/core'
import type { PartitionView } from '../cluster-view.ts'
import type { RequestContext } from '../request-context.ts'

/** The nodes that are up in the rack of a consumer; none where it names no rack or the broker does not look at racks. */
export function nodesNear(rackId: string, { services }: RequestContext): ReadonlySet<NodeId> {
  if (rackId === '' || !services.settings.isRackAware) return NOBODY
  return new Set(services.cluster.nodes().flatMap(({ id, rack }) => (rack === rackId ? [id] : [])))
}

const NOBODY: ReadonlySet<NodeId> = new Set()

/**
 * The replica that the consumer should read from in place of the leader (KIP-392), or null: one in its rack that is in
 * sync, unless the leader is there too. All are as far as the leader is, so of several it is the one with the highest id.
 */
export function nearReplica({ leader, inSyncReplicas }: PartitionView, near: ReadonlySet<NodeId>): NodeId | null {
  if (near.size === 0 || near.has(leader)) return null
  let chosen: NodeId | null = null
  for (const id of inSyncReplicas) if (near.has(id) && (chosen === null || id > chosen)) chosen = id
  return chosen
}
