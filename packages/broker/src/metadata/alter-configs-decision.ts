import type { NodeId } from '@odradek/core'
import { applyOperations } from '../config/apply-operations.ts'
import { brokerConfigs } from '../config/broker-configs.ts'
import { checkBrokerConfigs } from '../config/check-broker-configs.ts'
import { checkClientMetricsConfigs } from '../config/check-client-metrics-configs.ts'
import { checkGroupConfigs } from '../config/check-group-configs.ts'
import { checkTopicConfigs } from '../config/check-topic-configs.ts'
import type { ConfigDefinition } from '../config/definition.ts'
import { topicConfigs } from '../config/definitions/topic-configs.ts'
import type { BrokerLayers, ConfigMap } from '../config/layers.ts'
import { operationsProblem } from '../config/operations-problem.ts'
import type { ConfigChange, Outcome } from './controller.ts'
import { type Decision, DONE, failed } from './decision.ts'
import { MIN_IN_SYNC_KEY, remembersEligible } from './eligible-replicas.ts'
import type { MetadataImage } from './metadata-image.ts'
import { configRecord, type MetadataRecord } from './metadata-records.ts'
import { topicNameProblem } from './topic-name.ts'

export interface AlterConfigsContext {
  readonly image: MetadataImage
  /** The node that was asked: the only one whose own configs it may change. */
  readonly node: NodeId
  /** Of that node. */
  readonly layers: BrokerLayers
  /** odradek.max.client.metrics.subscriptions */
  readonly subscriptionsMax: number
  /** odradek.max.configured.groups */
  readonly configuredGroupsMax: number
}

/** Each resource is changed as a whole or not at all. No resource is there twice: whoever took the request saw to that. */
export function decideAlterConfigs(
  changes: readonly ConfigChange[],
  context: AlterConfigsContext,
): Decision<readonly Outcome[]> {
  const records: MetadataRecord[] = []
  const count = new ResourceCount(context)
  const result = changes.map((change) => {
    const after = configsAfter(change, context)
    if ('error' in after) return after
    const tooMany = count.problemOf(change, after)
    if (tooMany !== null) return tooMany
    records.push(...recordsOf(change, context.image, after))
    return DONE
  })
  return { records, result }
}

/** Resources whose names clients make up as they like have a bound, with those that one request adds. */
class ResourceCount {
  private readonly context: AlterConfigsContext
  private readonly counts = new Map<ConfigChange['type'], number>()

  constructor(context: AlterConfigsContext) {
    this.context = context
  }

  problemOf({ type, name }: ConfigChange, after: ConfigMap): Outcome | null {
    const { configuredGroupsMax, image, subscriptionsMax } = this.context
    if ((type !== 'GROUP' && type !== 'CLIENT_METRICS') || after.size === 0) return null
    if (image.configsOf(type, name).size > 0) return null
    const count = (this.counts.get(type) ?? image.configured(type).length) + 1
    const [max, key] =
      type === 'GROUP'
        ? [configuredGroupsMax, 'odradek.max.configured.groups']
        : [subscriptionsMax, 'odradek.max.client.metrics.subscriptions']
    if (count > max) return failed('POLICY_VIOLATION', `${max} ${type} resources have configs already (${key})`)
    this.counts.set(type, count)
    return null
  }
}

/** In Kafka's order: what is wrong with a key comes before what is wrong with the topic that it is for. */
function configsAfter(change: ConfigChange, context: AlterConfigsContext): ConfigMap | Outcome {
  const problem = operationsProblem(change) ?? addresseeProblem(change, context)
  if (problem !== null) return problem
  const before = context.image.configsOf(change.type, change.name)
  const applied = applyOperations(before, change, definitionsOf(change))
  if ('problem' in applied) return applied.problem
  const { configs } = applied
  return (
    nameProblem(change) ??
    checkConfigs(change, configs, context.layers) ??
    minInSyncProblem(change, configs, context.image) ??
    missing(change, context) ??
    configs
  )
}

/** Of what is for one node only: whether it is this one. */
function addresseeProblem({ type, name }: ConfigChange, { node }: AlterConfigsContext): Outcome | null {
  if (type !== 'BROKER' || name === '' || name === String(node)) return null
  return failed('INVALID_REQUEST', `Unexpected broker id '${name}': expected ${node}, or '' for the whole cluster`)
}

/**
 * While partitions remember who is eligible, one value counts for the whole cluster (KIP-966). As in Kafka a broker may not
 * even be told to delete its own.
 */
function minInSyncProblem({ type, name, operations }: ConfigChange, after: ConfigMap, image: MetadataImage) {
  if (type !== 'BROKER' || !remembersEligible(image)) return null
  if (name === '')
    return after.has(MIN_IN_SYNC_KEY)
      ? null
      : failed('INVALID_CONFIG', `Cluster-level ${MIN_IN_SYNC_KEY} cannot be removed while ELR is enabled.`)
  return operations.some((operation) => operation.name === MIN_IN_SYNC_KEY)
    ? failed('INVALID_CONFIG', `Broker-level ${MIN_IN_SYNC_KEY} cannot be altered while ELR is enabled.`)
    : null
}

function nameProblem({ type, name }: ConfigChange): Outcome | null {
  switch (type) {
    case 'TOPIC': {
      if (name === '') return failed('INVALID_REQUEST', 'Default topic resources are not allowed.')
      const problem = topicNameProblem(name)
      return problem === null ? null : failed('INVALID_TOPIC_EXCEPTION', problem)
    }
    case 'GROUP':
      return name === '' ? failed('INVALID_REQUEST', 'Default group resources are not allowed.') : null
    case 'CLIENT_METRICS':
      return name === '' ? failed('INVALID_REQUEST', 'A client metrics subscription must have a name.') : null
    default:
      return null
  }
}

function missing({ type, name }: ConfigChange, { image }: AlterConfigsContext): Outcome | null {
  if (type !== 'TOPIC' || image.topic(name) !== undefined) return null
  return failed('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`)
}

/** What decides whether a key can be appended to. Keys of groups and client metrics never can, as in Kafka. */
function definitionsOf({ type }: ConfigChange): (name: string) => ConfigDefinition | undefined {
  const table = type === 'TOPIC' ? topicConfigs : type === 'BROKER' ? brokerConfigs : null
  return (name) => table?.get(name)
}

function checkConfigs({ type, name }: ConfigChange, configs: ConfigMap, layers: BrokerLayers): Outcome | null {
  switch (type) {
    case 'TOPIC':
      return checkTopicConfigs(configs, layers)
    case 'BROKER':
      return checkBrokerConfigs(configs, name === '', layers)
    case 'GROUP':
      return checkGroupConfigs(configs, layers)
    default:
      return checkClientMetricsConfigs(configs)
  }
}

/** Only what is different afterwards. */
function recordsOf({ type, name }: ConfigChange, image: MetadataImage, after: ConfigMap): MetadataRecord[] {
  const before = image.configsOf(type, name)
  const removed = Array.from(before.keys()).filter((key) => !after.has(key))
  const changed = Array.from(after).filter(([key, value]) => before.get(key) !== value)
  return [
    ...removed.map((key) => configRecord(type, name, key, null)),
    ...changed.map(([key, value]) => configRecord(type, name, key, value)),
  ]
}
