import { brokerConfigs, listenerBaseKey } from './broker-configs.ts'
import { checkCombinedConfigs } from './check-combined-configs.ts'
import { type ConfigProblem, invalidRequest } from './config-problem.ts'
import type { ConfigDefinition } from './definition.ts'
import { type BrokerLayers, brokerValue, type ConfigMap } from './layers.ts'
import { configText, parseConfigValue } from './parse-value.ts'
import type { ConfigValue } from './value-rules.ts'

/** Kafka resizes these by at most a factor of two at a time. */
const THREAD_COUNTS = [
  'background.threads',
  'log.cleaner.threads',
  'num.io.threads',
  'num.network.threads',
  'num.recovery.threads.per.data.dir',
  'num.replica.fetchers',
  'remote.log.manager.copier.thread.pool.size',
  'remote.log.manager.expiration.thread.pool.size',
  'remote.log.manager.follower.thread.pool.size',
  'remote.log.reader.threads',
]

/** Classes are Java's. Taking the name of another one from the wire would be a promise that cannot be kept. */
const CLASS_LIST = 'metric.reporters'

/** With 0 nobody could connect any more, nor set it to another value. */
const AT_LEAST_ONE: ReadonlySet<string> = new Set(['max.connection.creation.rate', 'max.connections'])

/** Key stores belong to a listener; the rest of TLS and SASL a broker may have as a whole. */
const LISTENER_KEY_STORES: ReadonlySet<string> = new Set([
  'ssl.key.password',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.keystore.type',
  'ssl.truststore.certificates',
  'ssl.truststore.location',
  'ssl.truststore.password',
  'ssl.truststore.type',
])

/** Of what belongs to one listener, only this can be said for the whole cluster. */
const CLUSTER_LEVEL_LISTENER_KEYS: ReadonlySet<string> = new Set([
  'max.connection.creation.rate',
  'max.connections',
  'num.network.threads',
])

/**
 * All dynamic configs that a broker, or with `isDefault` the cluster, would have; `layers` are the node's before the
 * change. Unknown keys are custom ones, and pass. Kafka answers INVALID_REQUEST here, not INVALID_CONFIG.
 */
export function checkBrokerConfigs(configs: ConfigMap, isDefault: boolean, layers: BrokerLayers): ConfigProblem | null {
  const keys = [...configs.keys()]
  const after = { ...layers, ...(isDefault ? { dynamicDefault: configs } : { dynamic: configs }) }
  return (
    checkLevel(keys, isDefault) ??
    checkValues(configs, layers) ??
    checkThreadCounts(after, layers) ??
    checkCombinedConfigs(after)
  )
}

function checkLevel(keys: readonly string[], isDefault: boolean): ConfigProblem | null {
  const fixed = keys.filter((key) => updateOf(key) === 'read-only')
  if (fixed.length > 0) return invalidRequest(`Cannot update these configs dynamically: ${fixed.join(', ')}`)
  const perListener = keys.filter((key) => LISTENER_KEY_STORES.has(key))
  if (perListener.length > 0) {
    const prefix = 'listener.name.LISTENER.'
    return invalidRequest(`These configs can only be updated with the prefix ${prefix}: ${perListener.join(', ')}`)
  }
  const perBroker = keys.filter((key) => updateOf(key) === 'per-broker' || isPerBrokerListenerKey(key))
  if (isDefault && perBroker.length > 0) {
    return invalidRequest(`Cannot update these configs for the whole cluster, name a broker: ${perBroker.join(', ')}`)
  }
  return null
}

function isPerBrokerListenerKey(key: string): boolean {
  const base = listenerBaseKey(key)
  return base !== null && !CLUSTER_LEVEL_LISTENER_KEYS.has(base)
}

function updateOf(key: string): string | null {
  return brokerConfigs.get(key)?.update ?? null
}

function checkValues(configs: ConfigMap, layers: BrokerLayers): ConfigProblem | null {
  for (const [key, text] of configs) {
    const definition = brokerConfigs.get(listenerBaseKey(key) ?? key)
    if (definition === undefined) continue
    const parsed = parseConfigValue(definition, text)
    if (!parsed.ok) return invalidRequest(parsed.problem)
    const problem =
      checkClass(key, definition, parsed.value) ??
      (key === definition.name ? null : checkThreads(definition.name, Number(parsed.value), layers))
    if (problem !== null) return problem
    if (AT_LEAST_ONE.has(definition.name) && Number(parsed.value) === 0) {
      return invalidRequest(`Invalid value ${text} for configuration ${key}: must be at least 1`)
    }
  }
  return null
}

function checkClass(key: string, definition: ConfigDefinition, value: ConfigValue): ConfigProblem | null {
  if (definition.type !== 'CLASS' && key !== CLASS_LIST) return null
  const text = configText(definition.type, value)
  if (text === definition.defaultText || (key === CLASS_LIST && text === '')) return null
  return invalidRequest(`Invalid value ${text} for configuration ${key}: classes cannot be loaded into this broker`)
}

/** A key that goes gives way to what is behind it, and that is a step like any other. */
function checkThreadCounts(after: BrokerLayers, before: BrokerLayers): ConfigProblem | null {
  for (const key of THREAD_COUNTS) {
    const problem = checkThreads(key, Number(brokerValue(after, key)), before)
    if (problem !== null) return problem
  }
  return null
}

function checkThreads(key: string, count: number, layers: BrokerLayers): ConfigProblem | null {
  if (!THREAD_COUNTS.includes(key)) return null
  const present = Number(brokerValue(layers, key))
  if (count >= Math.floor(present / 2) && count <= present * 2) return null
  return invalidRequest(
    `Invalid value ${count} for configuration ${key}: must be from half to double the present value, ${present}`,
  )
}
