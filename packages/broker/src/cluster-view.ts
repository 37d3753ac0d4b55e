import type { LeaderEpoch, NodeId, TopicId } from '@odradek/core'

/** Where a node can be reached by clients of one listener. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface NodeView {
  readonly id: NodeId
  readonly rack: string | null
  /** Advertised endpoints by listener name; every answer names those of the listener it came in on. */
  readonly endpoints: ReadonlyMap<string, Endpoint>
}

/** A node as the cluster knows it. */
export interface RegisteredNodeView {
  readonly node: NodeView
  /** It is down, or not yet up. */
  readonly isFenced: boolean
}

export interface PartitionView {
  readonly index: number
  /** -1 while no replica can lead. */
  readonly leader: NodeId
  readonly leaderEpoch: LeaderEpoch
  readonly partitionEpoch: number
  readonly replicas: readonly NodeId[]
  readonly inSyncReplicas: readonly NodeId[]
  /** Who was in sync when fewer than min.insync.replicas were left (KIP-966); absent while enough are. */
  readonly eligible?: EligibleReplicas
  /** While replicas are being moved; all of them are among `replicas`. */
  readonly reassignment?: Reassignment
  /** Of the data directory that the log lies in, which all replicas share. */
  readonly directoryId?: string
}

/** Replicas that have all committed records, though they are not in sync, and those of which that is not known any more. */
export interface EligibleReplicas {
  readonly replicas: readonly NodeId[]
  readonly lastKnown: readonly NodeId[]
}

/** Replicas that come and go; it is over when all that come are in sync. */
export interface Reassignment {
  readonly adding: readonly NodeId[]
  readonly removing: readonly NodeId[]
}

export interface TopicView {
  readonly id: TopicId
  readonly name: string
  /** One of Kafka's own topics, which clients may not write. */
  readonly isInternal: boolean
  /** By index, dense from 0. */
  readonly partitions: readonly PartitionView[]
}

/** What the replayed metadata log says at this moment. Values are immutable; the view itself moves on with the log. */
export interface ClusterView {
  readonly clusterId: string
  /** Nodes that are up, by id. */
  nodes(): readonly NodeView[]
  node(id: NodeId): NodeView | undefined
  /** Nodes that are registered, up or not, by id. */
  registeredNodes(): readonly RegisteredNodeView[]
  topic(name: string): TopicView | undefined
  topicById(id: TopicId): TopicView | undefined
  topics(): Iterable<TopicView>
  /** Finalized feature levels by feature name, and the metadata offset they were read at. */
  features(): { readonly epoch: bigint; readonly levels: ReadonlyMap<string, number> }
}

export const INTERNAL_TOPICS: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
])
