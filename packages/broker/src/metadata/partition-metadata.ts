import { type NodeId, nodeId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { ClusterView, PartitionView } from '../cluster-view.ts'

/** What a client of one listener is told of a partition. */
export interface PartitionMetadata {
  readonly errorCode: ErrorCode
  readonly partitionIndex: number
  readonly leaderId: NodeId
  readonly leaderEpoch: number
  readonly replicaNodes: readonly NodeId[]
  readonly isrNodes: readonly NodeId[]
  readonly offlineReplicas: readonly NodeId[]
}

const NO_LEADER = nodeId(-1)

/** `listenerError`: what a leader without an endpoint on the listener is called; old versions know no word for it. */
export function partitionMetadata(
  partition: PartitionView,
  cluster: ClusterView,
  listener: string,
  listenerError: ErrorCode,
): PartitionMetadata {
  const isReachable = (id: NodeId) => cluster.node(id)?.endpoints.has(listener) === true
  const leaderError = cluster.node(partition.leader) === undefined ? ErrorCode.LEADER_NOT_AVAILABLE : listenerError
  const hasLeader = isReachable(partition.leader)
  return {
    errorCode: hasLeader ? ErrorCode.NONE : leaderError,
    partitionIndex: partition.index,
    leaderId: hasLeader ? partition.leader : NO_LEADER,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.inSyncReplicas,
    offlineReplicas: partition.replicas.filter((id) => !isReachable(id)),
  }
}
