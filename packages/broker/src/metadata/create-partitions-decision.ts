import { type NodeId, nodeId, present } from '@odradek/core'
import type { TopicView } from '../cluster-view.ts'
import { type MutationQuota, unlimitedMutations } from '../quotas.ts'
import { assignmentProblem, inconsistent, inSyncReplicasOf } from './check-assignment.ts'
import type { CreatePartitionsCommand, Outcome } from './controller.ts'
import { limitProblem, type TopicDecisionContext } from './create-topics-decision.ts'
import { type Decision, DONE, failed, NEW_PARTITIONS_MAX, OVER_QUOTA } from './decision.ts'
import type { MetadataImage } from './metadata-image.ts'
import { type MetadataRecord, newPartitionRecord } from './metadata-records.ts'
import { placementProblem, placeReplicas } from './placement.ts'

/** Why the whole request is refused; null when it is not. */
export function refuseTooManyPartitions(
  commands: readonly CreatePartitionsCommand[],
  { image }: TopicDecisionContext,
): Outcome | null {
  const wanted = commands.reduce((sum, command) => sum + addedBy(command, image), 0)
  if (wanted <= NEW_PARTITIONS_MAX) return null
  const message = `One request may add at most ${NEW_PARTITIONS_MAX} partitions; this one asks for ${wanted}`
  return { ...failed('POLICY_VIOLATION', message), refusesRequest: true }
}

/** Names are unique within `commands`: the handler has answered duplicates. */
export function decideCreatePartitions(
  commands: readonly CreatePartitionsCommand[],
  context: TopicDecisionContext,
  quota: MutationQuota = unlimitedMutations,
): Decision<readonly Outcome[]> {
  const { image } = context
  const records: MetadataRecord[] = []
  const result = commands.map((command) => {
    const topic = image.topic(command.name)
    if (topic === undefined) return failed('UNKNOWN_TOPIC_OR_PARTITION', null)
    const assignments = assignmentsOf(command, topic, context)
    if ('error' in assignments) return assignments
    const limit = limitProblem(0, assignments.length, context)
    if (limit !== null) return limit
    if (!quota.admits(assignments.length)) return OVER_QUOTA
    context.made.partitions += assignments.length
    for (const record of recordsOf(topic, assignments, context)) records.push(record)
    return DONE
  })
  return { records, result }
}

function addedBy({ name, count }: CreatePartitionsCommand, image: MetadataImage): number {
  return Math.max(0, count - (image.topic(name)?.partitions.length ?? count))
}

/** Replicas of the partitions to add, in order. */
function assignmentsOf(
  { count, assignments }: CreatePartitionsCommand,
  topic: TopicView,
  context: TopicDecisionContext,
): readonly (readonly NodeId[])[] | Outcome {
  const existing = topic.partitions.length
  if (count === existing) return failed('INVALID_PARTITIONS', `Topic already has ${existing} partition(s).`)
  if (count < existing) {
    return failed(
      'INVALID_PARTITIONS',
      `Topic '${topic.name}' has ${existing} partition(s); ${count} would not be more`,
    )
  }
  if (assignments === null) return placed(topic, count - existing, context)
  if (assignments.length !== count - existing) {
    const message = `Attempted to add ${count - existing} additional partition(s), but only ${assignments.length} assignment(s) were specified.`
    return failed('INVALID_REPLICA_ASSIGNMENT', message)
  }
  const replicationFactor = replicationFactorOf(topic)
  for (const [added, replicas] of assignments.entries()) {
    const problem = assignmentProblem(context.image, replicas, existing + added, context.chooseDirectory !== null)
    if (problem !== null) return problem
    if (replicas.length !== replicationFactor) return inconsistent(replicas.length, replicationFactor)
  }
  return assignments.map((replicas) => replicas.map(nodeId))
}

function placed(
  topic: TopicView,
  added: number,
  { image, chooseDirectory }: TopicDecisionContext,
): readonly (readonly NodeId[])[] | Outcome {
  const replicationFactor = replicationFactorOf(topic)
  const problem = placementProblem(image, replicationFactor, chooseDirectory !== null)
  if (problem !== null) return failed('INVALID_REPLICATION_FACTOR', problem)
  // Goes on round the nodes after the last partition's first replica.
  const last = topic.partitions.at(-1)?.replicas[0]
  const { up } = image.placementNodes()
  return placeReplicas(image.placementNodes(), added, replicationFactor, up.findIndex(({ id }) => id === last) + 1)
}

function replicationFactorOf(topic: TopicView): number {
  return present(topic.partitions[0], 'every topic has a partition').replicas.length
}

function recordsOf(
  topic: TopicView,
  assignments: readonly (readonly NodeId[])[],
  { image, chooseDirectory }: TopicDecisionContext,
): MetadataRecord[] {
  const directoryFor = present(chooseDirectory, 'somewhere to put what was planned')
  return assignments.map((replicas, added) =>
    newPartitionRecord({
      topicId: topic.id,
      index: topic.partitions.length + added,
      replicas,
      inSyncReplicas: inSyncReplicasOf(image, replicas),
      directoryId: directoryFor(topic.name, topic.partitions.length + added),
    }),
  )
}
