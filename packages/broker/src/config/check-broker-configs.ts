import { assert } from '@odradek/core'
import { brokerConfigs, listenerBaseKey } from './broker-configs.ts'
import { type ConfigProblem, invalidRequest } from './config-problem.ts'
import { type BrokerLayers, brokerValue, type ConfigMap, NO_CONFIGS, topicValue } from './layers.ts'
import { parseConfigValue } from './parse-value.ts'

/** Kafka resizes these by at most a factor of two at a time. */
const THREAD_COUNTS = [
  'background.threads',
  'log.cleaner.threads',
  'num.io.threads',
  'num.network.threads',
  'num.recovery.threads.per.data.dir',
  'num.replica.fetchers',
]

/** Classes are Java's. Taking the name of another one from the wire would be a promise that cannot be kept. */
const CLASS_LISTS: ReadonlySet<string> = new Set(['config.providers', 'metric.reporters'])

/** Security settings change for one listener at a time. */
const LISTENER_SECURITY_KEY = /^(ssl|sasl)\.|^principal\.builder\.class$/

/**
 * All dynamic configs that a broker, or with `isDefault` the cluster, would have; `layers` are the node's before the
 * change. Unknown keys are custom ones, and pass. Kafka answers INVALID_REQUEST here, not INVALID_CONFIG.
 */
export function checkBrokerConfigs(configs: ConfigMap, isDefault: boolean, layers: BrokerLayers): ConfigProblem | null {
  const keys = [...configs.keys()]
  return (
    checkLevel(keys, isDefault) ??
    checkValues(configs, layers) ??
    checkTogether({ ...layers, ...(isDefault ? { dynamicDefault: configs } : { dynamic: configs }) })
  )
}

function checkLevel(keys: readonly string[], isDefault: boolean): ConfigProblem | null {
  const fixed = keys.filter((key) => updateOf(key) === 'read-only')
  if (fixed.length > 0) return invalidRequest(`Cannot update these configs dynamically: ${fixed.join(', ')}`)
  const perListener = keys.filter((key) => updateOf(key) === 'per-broker' && LISTENER_SECURITY_KEY.test(key))
  if (perListener.length > 0) {
    const prefix = 'listener.name.LISTENER.'
    return invalidRequest(`These configs can only be updated with the prefix ${prefix}: ${perListener.join(', ')}`)
  }
  const perBroker = keys.filter((key) => updateOf(key) === 'per-broker' || listenerBaseKey(key) !== null)
  if (isDefault && perBroker.length > 0) {
    return invalidRequest(`Cannot update these configs for the whole cluster, name a broker: ${perBroker.join(', ')}`)
  }
  return null
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
    if ((definition.type === 'CLASS' || CLASS_LISTS.has(key)) && text !== definition.defaultText) {
      return invalidRequest(`Invalid value ${text} for configuration ${key}: classes cannot be loaded into this broker`)
    }
    const problem = THREAD_COUNTS.includes(key) ? checkThreadCount(key, Number(parsed.value), layers) : null
    if (problem !== null) return problem
  }
  return null
}

function checkThreadCount(key: string, count: number, layers: BrokerLayers): ConfigProblem | null {
  const present = Number(brokerValue(layers, key))
  if (count * 2 >= present && count <= present * 2) return null
  return invalidRequest(
    `Invalid value ${count} for configuration ${key}: must be from half to double the present value, ${present}`,
  )
}

function checkTogether(layers: BrokerLayers): ConfigProblem | null {
  const overrides = brokerValue(layers, 'max.connections.per.ip.overrides')
  assert(typeof overrides === 'string', 'the overrides are a text')
  if (!/^(\s*[^,]+:\d+\s*(,|$))*$/.test(overrides)) {
    const key = 'max.connections.per.ip.overrides'
    return invalidRequest(`Invalid value ${overrides} for configuration ${key}: must be a list of HOST:COUNT`)
  }
  const cordoned = brokerValue(layers, 'cordoned.log.dirs')
  if (Array.isArray(cordoned) && cordoned.length > 0) {
    return invalidRequest(`Invalid value ${cordoned} for configuration cordoned.log.dirs: the only directory must stay`)
  }
  return checkLocalRetention(layers, 'ms') ?? checkLocalRetention(layers, 'bytes')
}

/** -2 stands for the whole retention, and -1 for no bound. */
function checkLocalRetention(layers: BrokerLayers, unit: 'ms' | 'bytes'): ConfigProblem | null {
  const local = brokerValue(layers, `log.local.retention.${unit}`)
  const whole = topicValue(NO_CONFIGS, layers, `retention.${unit}`)
  assert(typeof local === 'bigint' && typeof whole === 'bigint', 'both are longs')
  if (local === -2n || whole === -1n || (local !== -1n && local <= whole)) return null
  const key = `log.local.retention.${unit}`
  return invalidRequest(
    `Invalid value ${local} for configuration ${key}: must be at most log.retention.${unit}, ${whole}`,
  )
}
