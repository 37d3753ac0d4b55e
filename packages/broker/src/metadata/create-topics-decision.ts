import { type NodeId, nodeId, type Prng, present, randomUuid, type TopicId, ZERO_TOPIC_ID } from '@odradek/core'
import { checkTopicConfigs } from '../config/check-topic-configs.ts'
import type { BrokerLayers, ConfigMap } from '../config/layers.ts'
import type { BrokerSettings } from '../config/settings.ts'
import { type MutationQuota, unlimitedMutations } from '../quotas.ts'
import { assignmentProblem, inconsistent, inSyncReplicasOf } from './check-assignment.ts'
import type { CreateTopicCommand, CreateTopicResult, Outcome } from './controller.ts'
import { type Decision, DONE, failed, NEW_PARTITIONS_MAX, OVER_QUOTA } from './decision.ts'
import type { ChooseDirectory } from './directory-choice.ts'
import type { MetadataImage } from './metadata-image.ts'
import { configRecord, type MetadataRecord, newPartitionRecord, topicRecord } from './metadata-records.ts'
import { placementProblem, placeReplicas } from './placement.ts'
import { topicNameProblem } from './topic-name.ts'

/** What decisions about topics rest on beside the image. */
export interface TopicDecisionContext {
  readonly image: MetadataImage
  readonly settings: BrokerSettings
  readonly layers: BrokerLayers
  readonly prng: Prng
  /** What this very decision has made so far. */
  readonly made: { topics: number; partitions: number }
  /** For partitions that this very decision makes; null when there is no directory for any. */
  readonly chooseDirectory: ChooseDirectory | null
}

/** Why the whole request is refused, as a row for each of its topics; null when it is not. */
export function refuseTooManyTopics(
  commands: readonly CreateTopicCommand[],
  { settings }: TopicDecisionContext,
): CreateTopicResult | null {
  // Every topic has a partition: more topics than that cannot all be made, and are not even looked at.
  const asked = commands.length > NEW_PARTITIONS_MAX ? [] : commands
  const rest = commands.length - asked.length
  const wanted = asked.reduce((sum, command) => sum + partitionsOf(command, settings), rest)
  if (wanted <= NEW_PARTITIONS_MAX) return null
  const message = `One request may make at most ${NEW_PARTITIONS_MAX} partitions; this one asks for ${wanted}`
  return { ...notCreated(failed('POLICY_VIOLATION', message)), refusesRequest: true }
}

/** Names are unique within `commands`: the handler has answered duplicates. */
export function decideCreateTopics(
  commands: readonly CreateTopicCommand[],
  context: TopicDecisionContext,
  quota: MutationQuota = unlimitedMutations,
): Decision<readonly CreateTopicResult[]> {
  const records: MetadataRecord[] = []
  const result = commands.map((command) => {
    const plan = planTopic(command, context)
    if ('error' in plan) return notCreated(plan)
    if (!quota.admits(plan.assignments.length)) return notCreated(OVER_QUOTA)
    for (const record of recordsOf(plan, context)) records.push(record)
    const { topicId, assignments } = plan
    context.made.topics++
    context.made.partitions += assignments.length
    return { ...DONE, topicId, partitions: assignments.length, replicationFactor: assignments[0]?.length ?? 0 }
  })
  return { records, result }
}

export function notCreated(outcome: Outcome): CreateTopicResult {
  return { ...outcome, topicId: ZERO_TOPIC_ID, partitions: -1, replicationFactor: -1 }
}

interface TopicPlan {
  readonly name: string
  readonly topicId: TopicId
  readonly configs: ConfigMap
  /** Replicas by partition. */
  readonly assignments: readonly (readonly NodeId[])[]
}

/** Kafka's order: the name, then the configs, then replicas and partitions. */
function planTopic(command: CreateTopicCommand, context: TopicDecisionContext): TopicPlan | Outcome {
  const { name } = command
  const named = nameProblem(name, context.image)
  if (named !== null) return named
  const configs = new Map<string, string>()
  for (const { name: key, value } of command.configs) {
    if (value === null) return failed('INVALID_CONFIG', `Null value not supported for topic config ${key}`)
    configs.set(key, value)
  }
  const problem = checkTopicConfigs(configs, context.layers)
  if (problem !== null) return problem
  const assignments = command.assignments.length > 0 ? manual(command, context) : placed(command, context)
  if ('error' in assignments) return assignments
  const limit = limitProblem(1, assignments.length, context)
  if (limit !== null) return limit
  return { name, topicId: randomUuid(context.prng), configs, assignments }
}

/** Whether there may be so many more; as a policy refuses it in Kafka. */
export function limitProblem(topics: number, partitions: number, context: TopicDecisionContext): Outcome | null {
  const { image, made, settings } = context
  const { topicsMax, partitionsMax } = settings
  if (image.topicsCount + made.topics + topics > topicsMax && topics > 0)
    return failed('POLICY_VIOLATION', `There may be at most ${topicsMax} topics (odradek.max.topics)`)
  if (image.partitionsCount + made.partitions + partitions <= partitionsMax) return null
  return failed('POLICY_VIOLATION', `There may be at most ${partitionsMax} partitions (odradek.max.partitions)`)
}

function nameProblem(name: string, image: MetadataImage): Outcome | null {
  if (image.topic(name) !== undefined) return failed('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`)
  const problem = topicNameProblem(name)
  if (problem !== null) return failed('INVALID_TOPIC_EXCEPTION', problem)
  const other = image.collidesWith(name)
  if (other === null) return null
  return failed('INVALID_TOPIC_EXCEPTION', `Topic '${name}' collides with existing topic '${other}'`)
}

function manual(
  { assignments, partitions, replicationFactor }: CreateTopicCommand,
  { image, chooseDirectory }: TopicDecisionContext,
): readonly (readonly NodeId[])[] | Outcome {
  if (partitions !== -1 || replicationFactor !== -1) {
    const which = replicationFactor === -1 ? 'numPartitions' : 'replication factor'
    return failed('INVALID_REQUEST', `A manual partition assignment was specified, but ${which} was not set to -1.`)
  }
  const byIndex = new Map<number, readonly NodeId[]>()
  for (const { partition, replicas } of assignments) {
    if (byIndex.has(partition)) {
      const message = `Found multiple manual partition assignments for partition ${partition}`
      return failed('INVALID_REPLICA_ASSIGNMENT', message)
    }
    const problem = assignmentProblem(image, replicas, partition, chooseDirectory !== null)
    if (problem !== null) return problem
    const [first] = byIndex.values()
    if (first !== undefined && first.length !== replicas.length) return inconsistent(replicas.length, first.length)
    byIndex.set(partition, replicas.map(nodeId))
  }
  const dense = Array.from({ length: byIndex.size }, (_, index) => byIndex.get(index))
  const replicas = dense.filter((entry) => entry !== undefined)
  if (replicas.length === dense.length) return replicas
  return failed('INVALID_REPLICA_ASSIGNMENT', 'partitions should be a consecutive 0-based integer sequence')
}

function placed(command: CreateTopicCommand, context: TopicDecisionContext): readonly (readonly NodeId[])[] | Outcome {
  const { image, settings } = context
  const partitions = command.partitions === -1 ? settings.numPartitions : command.partitions
  const asked = command.replicationFactor === -1 ? settings.defaultReplicationFactor : command.replicationFactor
  if (asked < 1) {
    const message = 'Replication factor must be larger than 0, or -1 to use the default value.'
    return failed('INVALID_REPLICATION_FACTOR', message)
  }
  if (partitions < 1) {
    const message = 'Number of partitions was set to an invalid non-positive value.'
    return failed('INVALID_PARTITIONS', message)
  }
  const nodes = image.placementNodes()
  const all = nodes.up.length + nodes.down.length
  const replicationFactor = settings.replicationFactorClamp ? Math.min(asked, all) : asked
  const problem = placementProblem(image, replicationFactor, context.chooseDirectory !== null)
  if (problem !== null) {
    const what = `Unable to replicate the partition ${replicationFactor} time(s)`
    return failed('INVALID_REPLICATION_FACTOR', `${what}: ${problem}`)
  }
  return placeReplicas(nodes, partitions, replicationFactor, context.prng.below(nodes.up.length))
}

function partitionsOf(command: CreateTopicCommand, settings: BrokerSettings): number {
  if (command.assignments.length > 0) return command.assignments.length
  return command.partitions === -1 ? settings.numPartitions : Math.max(0, command.partitions)
}

/** In Kafka's order: topic, configs, partitions. */
function recordsOf(
  { name, topicId, configs, assignments }: TopicPlan,
  context: TopicDecisionContext,
): MetadataRecord[] {
  const { image, chooseDirectory } = context
  return [
    topicRecord(name, topicId),
    ...Array.from(configs, ([key, value]) => configRecord('TOPIC', name, key, value)),
    ...assignments.map((replicas, index) =>
      newPartitionRecord({
        ...{ topicId, index, replicas, inSyncReplicas: inSyncReplicasOf(image, replicas) },
        directoryId: present(chooseDirectory, 'somewhere to put what was planned')(name, index),
      }),
    ),
  ]
}
