import { type LeaderEpoch, NO_LEADER_EPOCH, type NodeId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { PartitionView } from '../cluster-view.ts'
import type { RequestContext } from '../request-context.ts'

/** The epoch -1, of old clients and of those that do not know, is not compared (KIP-320). */
export function leaderEpochError(asked: number, current: LeaderEpoch): ErrorCode {
  if (asked === NO_LEADER_EPOCH || asked === current) return ErrorCode.NONE
  return asked < current ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH
}

/** For what only the partition's leader may answer. The epoch is looked at first, as Kafka does. */
export function leaderError(view: PartitionView, node: NodeId, askedEpoch = -1): ErrorCode {
  if (!view.replicas.includes(node)) return ErrorCode.NOT_LEADER_OR_FOLLOWER
  const epochError = leaderEpochError(askedEpoch, view.leaderEpoch)
  if (epochError !== ErrorCode.NONE) return epochError
  return view.leader === node ? ErrorCode.NONE : ErrorCode.NOT_LEADER_OR_FOLLOWER
}

export interface NodeEndpoint {
  readonly nodeId: NodeId
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

/** Where the listener's clients reach these nodes (KIP-951); nodes that are down are left out. */
export function nodeEndpoints(context: RequestContext, ids: ReadonlySet<NodeId>): NodeEndpoint[] {
  const endpoints: NodeEndpoint[] = []
  for (const id of ids) {
    const node = context.services.cluster.node(id)
    const endpoint = node?.endpoints.get(context.connection.listener)
    if (node !== undefined && endpoint !== undefined) endpoints.push({ nodeId: id, ...endpoint, rack: node.rack })
  }
  return endpoints
}
