import { type NodeId, nodeId } from '@odradek/core'
import { type KafkaPartitionDirectory, kafkaPartitionKey, type LogToImport } from '@odradek/log'
import type { PartitionState, TopicState } from './cluster-state.ts'
import type { KafkaSource } from './kafka-source.ts'

/** What is to be copied from where, and what cannot be. */
export interface ImportPlan {
  /** Nodes that partitions are spread over, in order. */
  readonly nodeIds: readonly NodeId[]
  readonly logs: readonly LogToImport[]
  /** Partitions that the metadata has and the directories have not: they begin empty. */
  readonly missing: readonly string[]
  /** Directories of topics that the metadata does not have (any more). */
  readonly strays: readonly string[]
}

/** A partition's directory, and the one it lies in. */
interface Candidate {
  readonly nodeId: number
  readonly log: LogToImport
}

export function planImport(source: KafkaSource): ImportPlan {
  const { topics } = source.metadata.state
  const byName = new Map(Array.from(topics.values(), (topic) => [topic.name, topic]))
  const strays: string[] = []
  const candidates = new Map<string, Candidate[]>()
  for (const { nodeId: owner, logs } of source.directories) {
    for (const partition of logs.partitions) {
      const topic = byName.get(partition.topicName)
      if (!isOf(partition, topic)) {
        strays.push(partition.path)
        continue
      }
      const key = kafkaPartitionKey(partition.topicName, partition.partition)
      const log: LogToImport = {
        source: partition,
        topicId: topic.id,
        startOffset: logs.startOffsets.get(key) ?? null,
        recoveryPoint: logs.recoveryPoints.get(key) ?? 0,
        cleanerOffset: logs.cleanerOffsets.get(key) ?? null,
      }
      candidates.set(key, [...(candidates.get(key) ?? []), { nodeId: owner, log }])
    }
  }
  const logs: LogToImport[] = []
  const missing: string[] = []
  for (const topic of topics.values()) {
    for (const partition of topic.partitions.values()) {
      const best = bestReplica(candidates.get(kafkaPartitionKey(topic.name, partition.index)) ?? [], partition)
      if (best === null) missing.push(`${topic.name}-${partition.index}`)
      else logs.push(best.log)
    }
  }
  return { nodeIds: nodesOf(source), logs, missing, strays }
}

/** A directory is of the topic with its name, unless it says that it was made for another one. */
function isOf({ topicId, partition }: KafkaPartitionDirectory, topic: TopicState | undefined): topic is TopicState {
  return topic?.partitions.has(partition) === true && (topicId === null || topicId === topic.id)
}

/** The leader has every record; else one that is or was last in sync, which has every committed one; else any. */
function bestReplica(candidates: readonly Candidate[], partition: PartitionState): Candidate | null {
  const { leader, inSyncReplicas, eligibleReplicas } = partition
  return (
    candidates.find((candidate) => candidate.nodeId === leader) ??
    candidates.find((candidate) => inSyncReplicas.includes(candidate.nodeId)) ??
    candidates.find((candidate) => eligibleReplicas.includes(candidate.nodeId)) ??
    candidates[0] ??
    null
  )
}

/** Nodes of one process have ids in a row: where Kafka's have not, the first takes all. */
function nodesOf({ directories }: KafkaSource): readonly NodeId[] {
  const ids = [...new Set(directories.map((directory) => directory.nodeId))].sort((a, b) => a - b)
  const first = ids[0] ?? 0
  const areInARow = ids.every((id, index) => id === first + index)
  return (areInARow ? ids : [first]).map(nodeId)
}
