import { type BrokerLayers, brokerValue, ConfigReader } from '../config/layers.ts'
import type { CreateTopicCommand } from './controller.ts'

/** Configs of an internal topic and where its size comes from. */
interface InternalTopic {
  readonly partitions: number
  readonly replicationFactor: number
  readonly configs: CreateTopicCommand['configs']
}

/**
 * The command for a topic that a client named without creating it. Kafka's own topics have their own settings, with no
 * more replicas than there are nodes: one node is enough to coordinate groups.
 */
export function autoCreateCommand(name: string, layers: BrokerLayers, nodesCount: number): CreateTopicCommand {
  const internal = internalTopic(name, new ConfigReader((key) => brokerValue(layers, key)))
  if (internal === null) return { name, partitions: -1, replicationFactor: -1, assignments: [], configs: [] }
  const replicationFactor = Math.max(1, Math.min(internal.replicationFactor, nodesCount))
  const configs = internal.configs.map((config) => ({
    ...config,
    value:
      config.name === 'min.insync.replicas' ? String(Math.min(Number(config.value), replicationFactor)) : config.value,
  }))
  return { name, partitions: internal.partitions, replicationFactor, assignments: [], configs }
}

function internalTopic(name: string, broker: ConfigReader): InternalTopic | null {
  switch (name) {
    case '__consumer_offsets':
      return {
        partitions: broker.number('offsets.topic.num.partitions'),
        replicationFactor: broker.number('offsets.topic.replication.factor'),
        configs: [
          { name: 'cleanup.policy', value: 'compact' },
          { name: 'compression.type', value: 'producer' },
          { name: 'segment.bytes', value: String(broker.number('offsets.topic.segment.bytes')) },
        ],
      }
    case '__transaction_state':
      return {
        partitions: broker.number('transaction.state.log.num.partitions'),
        replicationFactor: broker.number('transaction.state.log.replication.factor'),
        configs: [
          { name: 'cleanup.policy', value: 'compact' },
          { name: 'compression.type', value: 'uncompressed' },
          { name: 'min.insync.replicas', value: String(broker.number('transaction.state.log.min.isr')) },
          { name: 'segment.bytes', value: String(broker.number('transaction.state.log.segment.bytes')) },
          { name: 'unclean.leader.election.enable', value: 'false' },
        ],
      }
    case '__share_group_state':
      return {
        partitions: broker.number('share.coordinator.state.topic.num.partitions'),
        replicationFactor: broker.number('share.coordinator.state.topic.replication.factor'),
        configs: [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'compression.type', value: 'uncompressed' },
          { name: 'min.insync.replicas', value: String(broker.number('share.coordinator.state.topic.min.isr')) },
          { name: 'retention.ms', value: '-1' },
          { name: 'segment.bytes', value: String(broker.number('share.coordinator.state.topic.segment.bytes')) },
        ],
      }
    default:
      return null
  }
}
