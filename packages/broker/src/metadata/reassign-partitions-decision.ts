import { type NodeId, nodeId } from '@odradek/core'
import type { PartitionView, TopicView } from '../cluster-view.ts'
import { replicasProblem } from './check-assignment.ts'
import type { Outcome, PartitionReassignment, ReassignedTopic, ReassignmentCommand } from './controller.ts'
import { type Decision, DONE, failed } from './decision.ts'
import { minInSyncOf } from './eligible-replicas.ts'
import { ImageDraft } from './image-draft.ts'
import type { MetadataImage } from './metadata-image.ts'
import type { MetadataRecord } from './metadata-records.ts'
import { type PartitionWish, planPartition } from './partition-plan.ts'

interface ReassignmentContext {
  readonly image: MetadataImage
  /** What the rows before have done. */
  readonly draft: ImageDraft
  /** Some directory takes replicas that it did not have. */
  readonly hasDirectory: boolean
}

/**
 * Begins, changes or cancels the move of partitions to other replicas. Rows are taken one after the other: the second of
 * the same partition sees what the first has done, by `draft`.
 */
export function decideReassignments(
  { topics, allowsReplicationFactorChange }: ReassignmentCommand,
  image: MetadataImage,
  draft = new ImageDraft(image),
  hasDirectory = true,
): Decision<readonly ReassignedTopic[]> {
  const records: MetadataRecord[] = []
  const result = topics.map(({ name, partitions }) => {
    const topic = image.topic(name)
    const rows = partitions.map((row) => {
      const outcome = reassign(row, name, topic, allowsReplicationFactorChange, { image, draft, hasDirectory })
      if (!('record' in outcome)) return { index: row.index, ...outcome }
      if (outcome.record !== null) {
        draft.replay(outcome.record)
        records.push(outcome.record)
      }
      return { index: row.index, ...DONE }
    })
    return { name, partitions: rows }
  })
  return { records, result }
}

function reassign(
  { index, replicas }: PartitionReassignment,
  name: string,
  topic: TopicView | undefined,
  allowsReplicationFactorChange: boolean,
  { image, draft, hasDirectory }: ReassignmentContext,
): Outcome | { readonly record: MetadataRecord | null } {
  if (topic === undefined) return failed('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find a topic named ${name}.`)
  const partition = (draft.topics.get(topic.id) ?? topic).partitions[index]
  if (partition === undefined) return failed('UNKNOWN_TOPIC_OR_PARTITION', `Unable to find partition ${name}:${index}.`)
  const wish =
    replicas === null
      ? cancelled(partition)
      : moved(partition, replicas, allowsReplicationFactorChange, { image, hasDirectory })
  if ('error' in wish) return wish
  const isUp = (id: NodeId) => image.node(id) !== undefined
  return { record: planPartition(topic, partition, wish, isUp, minInSyncOf(image, name)) }
}

/** Those that were coming go; those that were going stay. */
function cancelled({ reassignment, replicas, inSyncReplicas }: PartitionView): PartitionWish | Outcome {
  if (reassignment === undefined) return { error: 'NO_REASSIGNMENT_IN_PROGRESS', message: null }
  const stays = (id: NodeId) => !reassignment.adding.includes(id)
  const inSync = inSyncReplicas.filter(stays)
  return {
    replicas: replicas.filter(stays),
    // As in Kafka the last one in sync is not forgotten while none of the others is.
    ...(inSync.length > 0 ? { inSyncReplicas: inSync } : {}),
    reassignment: { adding: [], removing: [] },
  }
}

function moved(
  partition: PartitionView,
  asked: readonly number[],
  allowsReplicationFactorChange: boolean,
  { image, hasDirectory }: Omit<ReassignmentContext, 'draft'>,
): PartitionWish | Outcome {
  const problem = replicasProblem(image, asked, hasDirectory)
  if (problem !== null) return problem
  const target = asked.map(nodeId)
  const current = partition.replicas
  const coming = partition.reassignment?.adding ?? []
  const factor = current.filter((id) => !coming.includes(id)).length
  if (!allowsReplicationFactorChange && target.length !== factor) {
    const message = `The replication factor is changed from ${factor} to ${target.length}`
    return failed('INVALID_REPLICATION_FACTOR', message)
  }
  const leaving = current.filter((id) => !target.includes(id))
  const byId = (a: NodeId, b: NodeId) => a - b
  return {
    replicas: [...target, ...leaving],
    reassignment: {
      adding: target.filter((id) => !current.includes(id)).sort(byId),
      removing: [...leaving].sort(byId),
    },
  }
}
