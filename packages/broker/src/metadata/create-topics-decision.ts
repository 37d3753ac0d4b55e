import { type NodeId, nodeId, type Prng, randomUuid, type TopicId, ZERO_TOPIC_ID } from '@odradek/core'
import { checkTopicConfigs } from '../config/check-topic-configs.ts'
import type { BrokerLayers, ConfigMap } from '../config/layers.ts'
import type { BrokerSettings } from '../config/settings.ts'
import { assignmentProblem, inSyncReplicasOf, refused } from './check-assignment.ts'
import type { CreateTopicCommand, CreateTopicResult, Outcome } from './controller.ts'
import { type Decision, DONE, failed, NEW_PARTITIONS_MAX } from './decision.ts'
import type { ChooseDirectory } from './directory-choice.ts'
import type { MetadataImage } from './metadata-image.ts'
import { configRecord, type MetadataRecord, newPartitionRecord, topicRecord } from './metadata-records.ts'
import { placeReplicas } from './placement.ts'
import { topicNameProblem } from './topic-name.ts'

/** What decisions about topics rest on beside the image. */
export interface TopicDecisionContext {
  readonly image: MetadataImage
  readonly settings: BrokerSettings
  readonly layers: BrokerLayers
  readonly prng: Prng
  /** For partitions that this very decision makes. */
  readonly chooseDirectory: ChooseDirectory
}

/** Names are unique within `commands`: the handler has answered duplicates. */
export function decideCreateTopics(
  commands: readonly CreateTopicCommand[],
  context: TopicDecisionContext,
): Decision<readonly CreateTopicResult[]> {
  // Every topic has a partition: more topics than that cannot all be made, and are not even looked at.
  const asked = commands.length > NEW_PARTITIONS_MAX ? [] : commands
  const wanted = asked.reduce(
    (sum, command) => sum + partitionsOf(command, context.settings),
    commands.length - asked.length,
  )
  if (wanted > NEW_PARTITIONS_MAX) {
    const message = `One request may make at most ${NEW_PARTITIONS_MAX} partitions; this one asks for ${wanted}`
    const refused = notCreated(failed('POLICY_VIOLATION', message))
    return { records: [], result: commands.map(() => refused) }
  }
  const records: MetadataRecord[] = []
  const result = commands.map((command) => {
    const plan = planTopic(command, context)
    if ('error' in plan) return notCreated(plan)
    records.push(...recordsOf(plan, context))
    const { topicId, assignments } = plan
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
  return { name, topicId: randomUuid(context.prng), configs, assignments }
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
  { image }: TopicDecisionContext,
): readonly (readonly NodeId[])[] | Outcome {
  if (partitions !== -1 || replicationFactor !== -1) {
    return failed('INVALID_REQUEST', 'With a manual assignment, partitions and replication factor must both be -1')
  }
  const byIndex = new Map<number, readonly NodeId[]>()
  for (const { partition, replicas } of assignments) {
    if (byIndex.has(partition)) return refused(`partition ${partition} is assigned twice`)
    const problem = assignmentProblem(image, replicas)
    if (problem !== null) return problem
    const [first] = byIndex.values()
    if (first !== undefined && first.length !== replicas.length)
      return refused('partitions differ in their number of replicas')
    byIndex.set(partition, replicas.map(nodeId))
  }
  const dense = Array.from({ length: byIndex.size }, (_, index) => byIndex.get(index))
  const replicas = dense.filter((entry) => entry !== undefined)
  return replicas.length === dense.length ? replicas : refused('partitions are not numbered from 0 without a gap')
}

function placed(command: CreateTopicCommand, context: TopicDecisionContext): readonly (readonly NodeId[])[] | Outcome {
  const { image, settings } = context
  const partitions = command.partitions === -1 ? settings.numPartitions : command.partitions
  const asked = command.replicationFactor === -1 ? settings.defaultReplicationFactor : command.replicationFactor
  if (asked < 1)
    return failed('INVALID_REPLICATION_FACTOR', `The replication factor must be at least 1 (or -1), not ${asked}`)
  if (partitions < 1)
    return failed('INVALID_PARTITIONS', `There must be at least 1 partition (or -1), not ${partitions}`)
  const nodes = image.nodes().map(({ id }) => id)
  const replicationFactor = settings.replicationFactorClamp ? Math.min(asked, nodes.length) : asked
  if (nodes.length === 0) return failed('INVALID_REPLICATION_FACTOR', 'No broker is up')
  if (replicationFactor > nodes.length) {
    const message = `Replication factor ${asked} is more than the number of brokers, ${nodes.length}`
    return failed('INVALID_REPLICATION_FACTOR', message)
  }
  return placeReplicas(nodes, partitions, replicationFactor, context.prng.below(nodes.length))
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
        directoryId: chooseDirectory(name, index),
      }),
    ),
  ]
}
