import { assert, present } from '@odradek/core'
import { brokerConfigs, listenerBaseKey } from './broker-configs.ts'
import { type TopicConfigDefinition, unitMsOf } from './definition.ts'
import { topicConfigs } from './definitions/topic-configs.ts'
import { configValueOf, parseConfigValue } from './parse-value.ts'
import type { ConfigValue } from './value-rules.ts'

/** What was set and not deleted, by name. */
export type ConfigMap = ReadonlyMap<string, string>

export const NO_CONFIGS: ConfigMap = new Map()

/** A node's own settings by where they come from; the first that has a key decides. */
export interface BrokerLayers {
  /** Of this broker, in the metadata log. */
  readonly dynamic: ConfigMap
  /** Of the whole cluster, in the metadata log. */
  readonly dynamicDefault: ConfigMap
  /** What the process was started with. */
  readonly fixed: ConfigMap
}

export function explicitText(layers: BrokerLayers, key: string): string | undefined {
  return layers.dynamic.get(key) ?? layers.dynamicDefault.get(key) ?? layers.fixed.get(key)
}

/** Keys that say the same in another unit, the finest first; DescribeConfigs lists them as each other's synonyms. */
const TIME_KEYS: readonly (readonly string[])[] = [
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  ['log.roll.ms', 'log.roll.hours'],
]

/** The keys that are asked for the value of `key`, itself among them. */
export function brokerSynonyms(key: string): readonly string[] {
  if (key === 'log.flush.interval.ms') return [key, 'log.flush.scheduler.interval.ms']
  const base = listenerBaseKey(key)
  if (base !== null) return [key, base]
  return TIME_KEYS.find((keys) => keys.includes(key)) ?? [key]
}

/** The value a broker key has on a node; null when it has neither value nor default. */
export function brokerValue(layers: BrokerLayers, key: string): ConfigValue | null {
  const definition = present(brokerConfigs.get(key), `no such key: ${key}`)
  const text = explicitText(layers, key) ?? definition.defaultText
  return text === null ? null : configValueOf(definition, text)
}

/** What is said of one listener alone; null when nothing is, or nothing that can be read. */
export function listenerValue(layers: BrokerLayers, listener: string, key: string): ConfigValue | null {
  const text = explicitText(layers, `listener.name.${listener.toLowerCase()}.${key}`)
  if (text === undefined) return null
  const parsed = parseConfigValue(present(brokerConfigs.get(key), `no such key: ${key}`), text)
  return parsed.ok ? parsed.value : null
}

/** A topic config's value: the topic's own, else what the node's keys say, else the default. */
export function topicValue(own: ConfigMap, layers: BrokerLayers, name: string): ConfigValue | null {
  const definition = present(topicConfigs.get(name), `no such topic config: ${name}`)
  const text = own.get(name)
  if (text !== undefined) return configValueOf(definition, text)
  for (const key of definition.brokerKeys) {
    if (explicitText(layers, key) !== undefined) return inTopicUnit(definition, key, brokerValue(layers, key))
  }
  return definition.defaultText === null ? null : configValueOf(definition, definition.defaultText)
}

/** Hours and minutes become milliseconds; whatever is below zero means "for ever", which a topic says as -1. */
function inTopicUnit(definition: TopicConfigDefinition, key: string, value: ConfigValue | null): ConfigValue | null {
  if (definition.type !== 'LONG' || value === null) return value
  assert(typeof value === 'number' || typeof value === 'bigint', `${key} is a number`)
  const inMs = BigInt(value) * BigInt(unitMsOf(key))
  return definition.name === 'retention.ms' && inMs < 0n ? -1n : inMs
}

/** Typed access to one kind of configs: the tables say what type a key has, so another one is our bug. */
export class ConfigReader {
  private readonly lookUp: (name: string) => ConfigValue | null

  constructor(lookUp: (name: string) => ConfigValue | null) {
    this.lookUp = lookUp
  }

  /** Whether there is a value, default included. */
  has(name: string): boolean {
    return this.lookUp(name) !== null
  }

  boolean(name: string): boolean {
    const value = this.lookUp(name)
    assert(typeof value === 'boolean', `${name} is a boolean`)
    return value
  }

  /** Whole or not; a LONG too large for a number has no end that could be told: Infinity. */
  number(name: string): number {
    const value = this.lookUp(name)
    if (typeof value === 'bigint')
      return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value)
    assert(typeof value === 'number', `${name} is a number`)
    return value
  }

  long(name: string): bigint {
    const value = this.lookUp(name)
    assert(typeof value === 'bigint', `${name} is a long`)
    return value
  }

  list(name: string): readonly string[] {
    const value = this.lookUp(name)
    assert(typeof value === 'object' && value !== null, `${name} is a list`)
    return value
  }

  /** One of the names that the key's rule allows. */
  choice<Name extends string>(name: string, names: readonly Name[]): Name {
    const value = this.lookUp(name)
    return present(
      names.find((candidate) => candidate === value),
      `${name} is one of ${names.join(', ')}`,
    )
  }
}
