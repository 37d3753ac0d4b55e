import type { NodeId } from '@odradek/core'
import type { PartitionView, TopicView } from '../cluster-view.ts'
import type { ElectedPartition, ElectionCommand, Outcome } from './controller.ts'
import { type Decision, DONE, failed } from './decision.ts'
import { minInSyncOf } from './eligible-replicas.ts'
import type { MetadataImage } from './metadata-image.ts'
import type { MetadataRecord } from './metadata-records.ts'
import { NO_LEADER, planPartition } from './partition-plan.ts'

const NOT_NEEDED = failed('ELECTION_NOT_NEEDED', 'Leader election not needed for topic partition.')

/**
 * What is in `decided` is done: a partition that is named twice needs no second election. One row for each topic named, in order; of all topics only the
 * partitions that needed an election have a row.
 */
export function decideElectLeaders(
  { type, topics }: ElectionCommand,
  image: MetadataImage,
  decided = new Set<PartitionView>(),
): Decision<readonly ElectedPartition[]> {
  const records: MetadataRecord[] = []
  const electOne = (topic: TopicView, partition: PartitionView): Outcome => {
    if (decided.has(partition)) return NOT_NEEDED
    const { outcome, record } = elect(topic, partition, type, image)
    if (record === null) return outcome
    decided.add(partition)
    records.push(record)
    return outcome
  }
  if (topics === null) {
    const result = Array.from(image.topics(), (topic) => ({
      topic: topic.name,
      partitions: topic.partitions
        .map((partition) => ({ index: partition.index, ...electOne(topic, partition) }))
        .filter(({ error }) => error !== 'ELECTION_NOT_NEEDED'),
    }))
    return { records, result }
  }
  const result = topics.map(({ topic: name, partitions }) => {
    const topic = image.topic(name)
    const rows = partitions.map((index) => {
      const partition = topic?.partitions[index]
      if (topic === undefined) return { index, ...failed('UNKNOWN_TOPIC_OR_PARTITION', `No such topic as ${name}`) }
      if (partition !== undefined) return { index, ...electOne(topic, partition) }
      return { index, ...failed('UNKNOWN_TOPIC_OR_PARTITION', `No such partition as ${name}-${index}`) }
    })
    return { topic: name, partitions: rows }
  })
  return { records, result }
}

/**
 * An unclean election is only for a partition without a leader. All replicas that are up are in sync here, since they
 * share one log: without a leader there is none that could be elected, cleanly or not.
 */
function elect(
  topic: TopicView,
  partition: PartitionView,
  type: ElectionCommand['type'],
  image: MetadataImage,
): { readonly outcome: Outcome; readonly record: MetadataRecord | null } {
  const { leader, replicas } = partition
  const isSettled = type === 'preferred' ? leader === replicas[0] : leader !== NO_LEADER
  if (isSettled) return { outcome: NOT_NEEDED, record: null }
  const wish = { prefersFirst: type === 'preferred' }
  const isUp = (id: NodeId) => image.node(id) !== undefined
  const record = planPartition(topic, partition, wish, isUp, minInSyncOf(image, topic.name))
  if (record !== null) return { outcome: DONE, record }
  const outcome =
    type === 'preferred'
      ? failed('PREFERRED_LEADER_NOT_AVAILABLE', 'The preferred leader was not available.')
      : failed('ELIGIBLE_LEADERS_NOT_AVAILABLE', 'Eligible topic partition leaders are not available.')
  return { outcome, record }
}

/** Gives every partition back to its first replica where that is up and in sync. (auto.leader.rebalance.enable) */
export function decideRebalance(image: MetadataImage): readonly MetadataRecord[] {
  return decideElectLeaders({ type: 'preferred', topics: null }, image).records
}
