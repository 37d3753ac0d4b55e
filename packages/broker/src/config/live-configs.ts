import type { NodeId } from '@odradek/core'
import type { MaintenanceSettings } from '@odradek/log'
import type { ConfigResourceType } from '../metadata/controller.ts'
import { buildBrokerSettings } from './build-broker-settings.ts'
import { buildMaintenanceSettings } from './build-maintenance-settings.ts'
import { buildTopicSettings } from './build-topic-settings.ts'
import type { ConfigEntry } from './config-entry.ts'
import { isNameOf } from './config-resource.ts'
import type { Configs, ConfigsDescription, StoredResourceType } from './configs.ts'
import {
  describeBroker,
  describeClientMetrics,
  describeClusterDefault,
  describeGroup,
  describeTopic,
} from './describe-configs.ts'
import { type BrokerLayers, type ConfigMap, NO_CONFIGS } from './layers.ts'
import type { ResolvedBrokerConfig } from './resolve-broker-config.ts'
import type { BrokerSettings } from './settings.ts'
import type { TopicSettings } from './topic-settings.ts'

/** Where configs that were set while the broker ran are found. */
export interface StoredConfigs {
  /** For BROKER the name is the id, or empty for the whole cluster. The same map until one of them changes. */
  configsOf(type: ConfigResourceType, name: string): ConfigMap
  /** Names of the resources that have some. */
  configured(type: ConfigResourceType): readonly string[]
}

const EVERY_KEY = () => true

interface BuiltTopic {
  readonly own: ConfigMap
  readonly layers: BrokerLayers
  readonly settings: TopicSettings
}

/** What the process was started with, under what the metadata log says. */
export class LiveConfigs implements Configs {
  private readonly start: ResolvedBrokerConfig
  private readonly stored: StoredConfigs
  private readonly layers = new Map<NodeId, BrokerLayers>()
  private readonly settings = new Map<NodeId, BrokerSettings>()
  /** By node, then by name of the topic. */
  private readonly topics = new Map<NodeId, Map<string, BuiltTopic>>()

  constructor(start: ResolvedBrokerConfig, stored: StoredConfigs) {
    this.start = start
    this.stored = stored
  }

  brokerSettings(node: NodeId): BrokerSettings {
    const known = this.settings.get(node)
    if (known !== undefined) return known
    const settings = buildBrokerSettings(this.layersOf(node), this.start.memoryLogBytesDefault)
    this.settings.set(node, settings)
    return settings
  }

  maintenanceSettings(node: NodeId): MaintenanceSettings {
    return buildMaintenanceSettings(this.layersOf(node))
  }

  topicSettings(topicName: string, node: NodeId): TopicSettings {
    const own = this.stored.configsOf('TOPIC', topicName)
    const layers = this.layersOf(node)
    const ofNode = this.topics.get(node) ?? new Map<string, BuiltTopic>()
    this.topics.set(node, ofNode)
    const known = ofNode.get(topicName)
    if (known?.own === own && known.layers === layers) return known.settings
    const settings = buildTopicSettings(own, layers)
    ofNode.set(topicName, { own, layers, settings })
    return settings
  }

  describe(node: NodeId, type: StoredResourceType, name: string, keys?: ReadonlySet<string>): ConfigsDescription {
    const isAsked = keys === undefined ? EVERY_KEY : (key: string) => keys.has(key)
    switch (type) {
      case 'TOPIC':
        return found(describeTopic(this.stored.configsOf('TOPIC', name), this.layersOf(node), isAsked))
      case 'BROKER':
        if (name === '') return found(describeClusterDefault(this.stored.configsOf('BROKER', ''), isAsked))
        if (isNameOf(node, name)) return found(describeBroker(this.layersOf(node), isAsked))
        return refused(`Unexpected broker id '${name}': expected ${node}, or '' for the whole cluster`)
      case 'GROUP':
        if (name === '') return refused('A group must be named')
        return found(describeGroup(this.stored.configsOf('GROUP', name), this.layersOf(node), isAsked))
      case 'CLIENT_METRICS':
        if (name === '') return refused('A client metrics subscription must be named')
        return found(describeClientMetrics(this.stored.configsOf('CLIENT_METRICS', name), isAsked))
    }
  }

  configured(type: ConfigResourceType): readonly string[] {
    return this.stored.configured(type)
  }

  describeNewTopic(own: ConfigMap, node: NodeId): readonly ConfigEntry[] {
    return describeTopic(own, this.layersOf(node), EVERY_KEY)
  }

  /** The node's configs by where they come from. The same object until a dynamic one of them changes. */
  layersOf(node: NodeId): BrokerLayers {
    const dynamic = this.stored.configsOf('BROKER', String(node))
    const dynamicDefault = this.stored.configsOf('BROKER', '')
    const known = this.layers.get(node)
    if (known?.dynamic === dynamic && known.dynamicDefault === dynamicDefault) return known
    const fixed = known?.fixed ?? withIdOf(node, this.start.entries)
    const layers = { dynamic, dynamicDefault, fixed }
    this.layers.set(node, layers)
    return layers
  }

  /** What holds for the cluster, of no node in particular. */
  clusterLayers(): BrokerLayers {
    return { dynamic: NO_CONFIGS, dynamicDefault: this.stored.configsOf('BROKER', ''), fixed: this.start.entries }
  }

  clusterSettings(): BrokerSettings {
    return buildBrokerSettings(this.clusterLayers(), this.start.memoryLogBytesDefault)
  }

  /** Dynamic configs of brokers have changed: whoever holds settings sees the new values. */
  refresh(): void {
    for (const [node, settings] of this.settings) {
      Object.assign(settings, buildBrokerSettings(this.layersOf(node), this.start.memoryLogBytesDefault))
    }
  }

  /** Lets go of what was built for a topic that is gone. */
  forgetTopic(topicName: string): void {
    for (const ofNode of this.topics.values()) ofNode.delete(topicName)
  }
}

/** The nodes of a process share what it was started with, but for their ids. */
function withIdOf(node: NodeId, entries: ConfigMap): ConfigMap {
  return new Map([...entries, ['node.id', String(node)], ['broker.id', String(node)]])
}

function found(entries: readonly ConfigEntry[]): ConfigsDescription {
  return { entries, problem: null }
}

function refused(problem: string): ConfigsDescription {
  return { entries: [], problem }
}
