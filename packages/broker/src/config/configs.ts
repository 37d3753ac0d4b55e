import type { NodeId } from '@odradek/core'
import type { BrokerSettings } from './settings.ts'
import type { TopicSettings } from './topic-settings.ts'

/** Configs in force: what the broker was started with, and what the metadata log has changed since. */
export interface Configs {
  /** A node's settings. The same object for ever; its values follow dynamic configs. */
  brokerSettings(node: NodeId): BrokerSettings
  /** A topic's configs over the defaults of `node`, its leader. The same object until a config it rests on changes. */
  topicSettings(topicName: string, node: NodeId): TopicSettings
}
