import { type NodeId, nodeId } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { PartitionView, TopicView } from '../cluster-view.ts'
import type { Services } from '../services.ts'

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

/**
 * `listenerError`: what a leader without an endpoint on the listener is called; old versions know no word for it. A
 * partition whose data directory has failed has no leader and no replica in sync, as in Kafka, until it is back.
 */
export function partitionMetadata(
  topic: TopicView,
  partition: PartitionView,
  { cluster, logDirectories }: Pick<Services, 'cluster' | 'logDirectories'>,
  listener: string,
  listenerError: ErrorCode,
): PartitionMetadata {
  if (logDirectories.isOffline({ topicId: topic.id, partition: partition.index }, partition.directoryId)) {
    return offlineMetadata(partition)
  }
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

function offlineMetadata({ index, leaderEpoch, replicas }: PartitionView): PartitionMetadata {
  return {
    errorCode: ErrorCode.LEADER_NOT_AVAILABLE,
    partitionIndex: index,
    leaderId: NO_LEADER,
    leaderEpoch,
    replicaNodes: replicas,
    isrNodes: [],
    offlineReplicas: replicas,
  }
}
