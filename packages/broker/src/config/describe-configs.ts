import { brokerConfigs, listenerBaseKey } from './broker-configs.ts'
import type { ConfigEntry, ConfigSource, ConfigSynonym } from './config-entry.ts'
import type { ConfigDefinition, GroupConfigDefinition, TopicConfigDefinition } from './definition.ts'
import { clientMetricsConfigs } from './definitions/client-metrics-configs.ts'
import { groupConfigs } from './definitions/group-configs.ts'
import { topicConfigs } from './definitions/topic-configs.ts'
import {
  type BrokerLayers,
  brokerSynonyms,
  brokerValue,
  type ConfigMap,
  explicitText,
  NO_CONFIGS,
  topicValue,
} from './layers.ts'
import { configText, configValueOf } from './parse-value.ts'

/** Whether a key was asked for: what was not is not even looked up. */
export type KeyFilter = (name: string) => boolean

/** A node's effective configs: every key of Kafka's and ours, and custom ones that are set. */
export function describeBroker(layers: BrokerLayers, isAsked: KeyFilter): readonly ConfigEntry[] {
  const shown = Array.from(brokerConfigs.values()).filter((definition) => isShown(definition))
  const names = [
    ...shown.map(({ name }) => name),
    ...layers.fixed.keys(),
    ...layers.dynamicDefault.keys(),
    ...layers.dynamic.keys(),
  ]
  return sortedNames(names.filter(isAsked)).map((name) => brokerEntry(name, layers))
}

/** What is set for the cluster as a whole, and nothing else. */
export function describeClusterDefault(dynamicDefault: ConfigMap, isAsked: KeyFilter): readonly ConfigEntry[] {
  const layers = { dynamic: NO_CONFIGS, dynamicDefault, fixed: NO_CONFIGS }
  return sortedNames([...dynamicDefault.keys()].filter(isAsked)).map((name) => {
    const entry = brokerEntry(name, layers)
    return { ...entry, synonyms: entry.synonyms.filter(({ source }) => source === 'DYNAMIC_DEFAULT_BROKER_CONFIG') }
  })
}

export function describeTopic(own: ConfigMap, layers: BrokerLayers, isAsked: KeyFilter): readonly ConfigEntry[] {
  const shown = Array.from(topicConfigs.values()).filter(
    ({ isInternal, name }) => isAsked(name) && (!isInternal || own.has(name)),
  )
  return shown.map((definition) => topicEntry(definition, own, layers))
}

export function describeGroup(own: ConfigMap, layers: BrokerLayers, isAsked: KeyFilter): readonly ConfigEntry[] {
  const shown = Array.from(groupConfigs.values()).filter(
    ({ isInternal, name }) => isAsked(name) && (!isInternal || own.has(name)),
  )
  return shown.map((definition) => groupEntry(definition, own, layers))
}

export function describeClientMetrics(own: ConfigMap, isAsked: KeyFilter): readonly ConfigEntry[] {
  const shown = Array.from(clientMetricsConfigs.values()).filter(({ name }) => isAsked(name))
  return shown.map((definition) => {
    const set = ownSynonym(definition, own, 'CLIENT_METRICS_CONFIG')
    return plainEntry(definition, set?.value ?? definition.defaultText, set === null ? [] : [set])
  })
}

/** Kafka shows its internal keys, and those of replication quotas, only while they are set. */
function isShown(definition: { readonly isInternal: boolean; readonly update: string }): boolean {
  return !definition.isInternal && definition.update !== 'dynamic-only'
}

function sortedNames(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1))
}

function brokerEntry(name: string, layers: BrokerLayers): ConfigEntry {
  const definition = brokerConfigs.get(listenerBaseKey(name) ?? name)
  const synonyms = synonymsOfBrokerKey(name, layers)
  return {
    name,
    value: definition === undefined || definition.type === 'PASSWORD' ? null : brokerText(name, definition, layers),
    source: synonyms[0]?.source ?? 'DEFAULT_CONFIG',
    // Nobody knows what a custom key holds.
    isSensitive: definition === undefined || definition.type === 'PASSWORD',
    // As in Kafka, also what can be changed for one listener.
    isReadOnly: definition === undefined || definition.name !== name || definition.update === 'read-only',
    type: definition?.type ?? null,
    synonyms,
    documentation: definition?.documentation ?? null,
  }
}

function brokerText(name: string, definition: ConfigDefinition, layers: BrokerLayers): string | null {
  if (definition.name !== name) return explicitText(layers, name) ?? null
  const value = brokerValue(layers, name)
  return value === null ? null : configText(definition.type, value)
}

/** As in Kafka the list begins with the key itself: coarser units are only shown after it. */
function synonymsOfBrokerKey(name: string, layers: BrokerLayers): readonly ConfigSynonym[] {
  const keys = brokerSynonyms(name)
  const synonyms: ConfigSynonym[] = []
  const add = (source: ConfigSource, textOf: (key: string) => string | null | undefined): void => {
    for (const key of keys) {
      const value = textOf(key)
      if (value === undefined || value === null) continue
      const type = brokerConfigs.get(listenerBaseKey(key) ?? key)?.type
      synonyms.push({ name: key, value: type === undefined || type === 'PASSWORD' ? null : value, source })
    }
  }
  add('DYNAMIC_BROKER_CONFIG', (key) => layers.dynamic.get(key))
  add('DYNAMIC_DEFAULT_BROKER_CONFIG', (key) => layers.dynamicDefault.get(key))
  add('STATIC_BROKER_CONFIG', (key) => layers.fixed.get(key))
  add('DEFAULT_CONFIG', (key) => {
    const definition = brokerConfigs.get(key)
    // Kafka's brokers have the keys of replication quotas only while they are set.
    return definition?.update === 'dynamic-only' ? null : definition?.defaultText
  })
  const first = synonyms.findIndex((synonym) => synonym.name === name)
  return first < 0 ? [] : synonyms.slice(first)
}

function topicEntry(definition: TopicConfigDefinition, own: ConfigMap, layers: BrokerLayers): ConfigEntry {
  const value = topicValue(own, layers, definition.name)
  const text = value === null ? null : configText(definition.type, value)
  const set = ownSynonym(definition, own, 'DYNAMIC_TOPIC_CONFIG')
  const [brokerKey] = definition.brokerKeys
  const below = brokerKey === undefined ? [] : synonymsOfBrokerKey(brokerKey, layers)
  return plainEntry(definition, text, set === null ? below : [set, ...below])
}

/** The broker's key counts as the default here, whatever gave it its value. */
function groupEntry(definition: GroupConfigDefinition, own: ConfigMap, layers: BrokerLayers): ConfigEntry {
  const set = ownSynonym(definition, own, 'GROUP_CONFIG')
  const below = groupDefault(definition, layers)
  const value = set === null ? below.value : set.value
  return plainEntry(definition, value, set === null ? [below] : [set, below])
}

function groupDefault({ name, brokerKey, defaultText }: GroupConfigDefinition, layers: BrokerLayers): ConfigSynonym {
  const source = 'DEFAULT_CONFIG'
  if (brokerKey === null) return { name, value: defaultText, source }
  const value = brokerValue(layers, brokerKey)
  // Of the assignors that the broker has, the first is the default.
  if (name === 'streams.assignor.name' && Array.isArray(value))
    return { name: brokerKey, value: value[0] ?? null, source }
  const type = brokerConfigs.get(brokerKey)?.type
  return { name: brokerKey, value: value === null || type === undefined ? null : configText(type, value), source }
}

function ownSynonym(definition: ConfigDefinition, own: ConfigMap, source: ConfigSource): ConfigSynonym | null {
  const text = own.get(definition.name)
  if (text === undefined) return null
  return { name: definition.name, value: configText(definition.type, configValueOf(definition, text)), source }
}

function plainEntry(
  { name, type, documentation }: ConfigDefinition,
  value: string | null,
  synonyms: readonly ConfigSynonym[],
): ConfigEntry {
  const source = synonyms[0]?.source ?? 'DEFAULT_CONFIG'
  return { name, value, source, isSensitive: false, isReadOnly: false, type, synonyms, documentation }
}
