import { type NodeId, nodeId, type TopicId, topicId } from '@odradek/core'
import { ConfigRecord, encodeMetadataRecord, PartitionRecord, ProducerIdsRecord } from '@odradek/protocol/records'
import { featureLevelRecord, type MetadataRecord, topicRecord } from '../metadata/metadata-records.ts'
import type { ClusterState, PartitionState, TopicState } from './cluster-state.ts'

/** Where partitions are to lie in the cluster that a state goes to. */
export interface Destination {
  readonly directoryId: string
  readonly featureLevels: ReadonlyMap<string, number>
  /** Nodes for a partition that had these; never none. */
  replicasFor(before: readonly number[]): readonly NodeId[]
  /** Whether this kind of record, of those that the state keeps in their bytes, can go there. */
  takes(record: MetadataRecord): boolean
}

/** The records that make an empty cluster what `state` describes. */
export function* recordsOfState(state: ClusterState, destination: Destination): Generator<MetadataRecord, void, void> {
  for (const [name, level] of destination.featureLevels) yield featureLevelRecord(name, level)
  for (const topic of state.topics.values()) {
    yield topicRecord(topic.name, topicId(topic.id))
    for (const partition of partitionsInOrder(topic)) {
      yield partitionRecord(topicId(topic.id), partition, destination)
    }
  }
  for (const config of state.configs.values()) yield encodeMetadataRecord(ConfigRecord, 0, config)
  if (state.nextProducerId > 0n) {
    const [brokerId] = destination.replicasFor([])
    yield encodeMetadataRecord(ProducerIdsRecord, 0, {
      brokerId: brokerId ?? nodeId(-1),
      brokerEpoch: -1n,
      nextProducerId: state.nextProducerId,
    })
  }
  for (const { bytes } of state.others.values()) if (destination.takes(bytes)) yield bytes
}

export function partitionsInOrder(topic: TopicState): readonly PartitionState[] {
  return [...topic.partitions.values()].sort((a, b) => a.index - b.index)
}

function partitionRecord(id: TopicId, partition: PartitionState, destination: Destination): MetadataRecord {
  const { directoryId } = destination
  const replicas = destination.replicasFor(partition.replicas)
  return encodeMetadataRecord(PartitionRecord, 2, {
    partitionId: partition.index,
    topicId: id,
    replicas,
    isr: replicas,
    removingReplicas: [],
    addingReplicas: [],
    // Never none: a Kafka that finds a broker's partitions after an unclean end elects whoever led last (KIP-966).
    leader: replicas[0] ?? -1,
    leaderEpoch: partition.leaderEpoch + 1,
    partitionEpoch: partition.partitionEpoch + 1,
    directories: replicas.map(() => directoryId),
  })
}
