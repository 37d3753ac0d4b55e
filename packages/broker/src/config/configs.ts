import type { NodeId } from '@odradek/core'
import type { MaintenanceSettings } from '@odradek/log'
import type { ConfigResourceType } from '../metadata/controller.ts'
import type { ConfigEntry } from './config-entry.ts'
import type { BrokerLayers, ConfigMap } from './layers.ts'
import type { BrokerSettings } from './settings.ts'
import type { TopicSettings } from './topic-settings.ts'

/** A resource's configs; or why the resource cannot be described (INVALID_REQUEST). */
export interface ConfigsDescription {
  readonly entries: readonly ConfigEntry[]
  readonly problem: string | null
}

/** Whose configs the metadata log keeps; the levels of loggers it does not. */
export type StoredResourceType = Exclude<ConfigResourceType, 'BROKER_LOGGER'>

/** Configs in force: what the broker was started with, and what the metadata log has changed since. */
export interface Configs {
  /** A node's settings. The same object for ever; its values follow dynamic configs. */
  brokerSettings(node: NodeId): BrokerSettings
  /** A node's configs by where they come from. The same object until a dynamic one of them changes. */
  layersOf(node: NodeId): BrokerLayers
  /** What the logs of the process do by themselves, as `node` is told. */
  maintenanceSettings(node: NodeId): MaintenanceSettings
  /** A topic's configs over the defaults of `node`, its leader. The same object until a config it rests on changes. */
  topicSettings(topicName: string, node: NodeId): TopicSettings
  /** Names of the resources of this kind that have configs of their own. */
  configured(type: ConfigResourceType): readonly string[]
  /** All configs, or those of `keys`. Of a topic, whether there is one is the caller's question. */
  describe(node: NodeId, type: StoredResourceType, name: string, keys?: ReadonlySet<string>): ConfigsDescription
  /** The configs of a topic that would have these of its own. */
  describeNewTopic(own: ConfigMap, node: NodeId): readonly ConfigEntry[]
}
