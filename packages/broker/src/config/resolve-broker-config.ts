import { AUTHORIZER_KEYS, authorizerProblems } from '../acls/authorizer-config.ts'
import { principalBuilderProblems } from '../security/principal-builder.ts'
import { brokerConfigs, listenerBaseKey } from './broker-configs.ts'
import { buildBrokerSettings } from './build-broker-settings.ts'
import { hasEffect } from './effective-keys.ts'
import { type BrokerLayers, type ConfigMap, explicitText, NO_CONFIGS } from './layers.ts'
import { loadedClassProblems } from './loaded-classes.ts'
import { parseConfigValue } from './parse-value.ts'
import type { BrokerSettings } from './settings.ts'

/** What a process was told at its start, checked. */
export interface ResolvedBrokerConfig {
  /** The keys as given; `node.id` and `broker.id` each stand for the other. */
  readonly entries: ConfigMap
  /** Sentences that name key, value and what is allowed. With any, the broker must not start. */
  readonly problems: readonly string[]
  /** Kafka's keys that change nothing here, sorted. */
  readonly ignored: readonly string[]
  /** Keys that neither Kafka nor we have, sorted. */
  readonly unknown: readonly string[]
  /** What `--ephemeral` may take when no key says so. */
  readonly memoryLogBytesDefault: number
  /** A key's value, given or default; null when it has neither. */
  text(key: string): string | null
}

export function resolveBrokerConfig(given: ConfigMap, memoryLogBytesDefault: number): ResolvedBrokerConfig {
  const entries = withIds(given)
  const layers = { dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: entries }
  const keys = [...entries.keys()].sort()
  const definitionOf = (key: string) => brokerConfigs.get(listenerBaseKey(key) ?? key)
  return {
    entries,
    problems: [
      ...keys.flatMap((key) => problemOf(key, layers) ?? []),
      ...authorizerProblems(entries),
      ...principalBuilderProblems(entries),
      ...loadedClassProblems(entries),
    ],
    ignored: keys.filter((key) => definitionOf(key) !== undefined && !hasEffect(key)),
    unknown: keys.filter((key) => definitionOf(key) === undefined && !AUTHORIZER_KEYS.has(key)),
    memoryLogBytesDefault,
    text: (key) => explicitText(layers, key) ?? brokerConfigs.get(key)?.defaultText ?? null,
  }
}

/** The settings of a config without problems, before any dynamic one. */
export function settingsOf(config: ResolvedBrokerConfig): BrokerSettings {
  const layers = { dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: config.entries }
  return buildBrokerSettings(layers, config.memoryLogBytesDefault)
}

function withIds(given: ConfigMap): ConfigMap {
  const entries = new Map(given)
  const id = given.get('node.id') ?? given.get('broker.id')
  if (id === undefined) return entries
  return entries.set('node.id', id).set('broker.id', given.get('broker.id') ?? id)
}

function problemOf(key: string, layers: BrokerLayers): string | null {
  const text = layers.fixed.get(key) ?? ''
  const definition = brokerConfigs.get(listenerBaseKey(key) ?? key)
  if (key === 'broker.id' && text !== layers.fixed.get('node.id')) {
    return `broker.id=${text} and node.id=${layers.fixed.get('node.id')} differ: give one of them, or the same number`
  }
  if (definition === undefined) return null
  if (definition.update === 'dynamic-only') {
    return `${key} can only be set while the broker runs (kafka-configs, AlterConfigs), not at its start`
  }
  const parsed = parseConfigValue(definition, text)
  return parsed.ok ? null : parsed.problem
}
