import { assert } from '@odradek/core'
import { type ConfigProblem, invalidRequest } from './config-problem.ts'
import { parseConnectionOverrides } from './connection-overrides.ts'
import { cordonedProblem } from './cordoned-directories.ts'
import { type BrokerLayers, brokerValue, NO_CONFIGS, topicValue } from './layers.ts'

/** Kafka's cleaner wants more than this for each of its threads. */
const DEDUPE_BYTES_A_THREAD_MIN = 1_048_576

const NO_LIMIT = -1n
/** Of local retention: as long as the whole. */
const AS_RETENTION = -2n

/** What Kafka asks of a broker's keys beyond what each of them says of itself, with the value that is in force. */
export function checkCombinedConfigs(layers: BrokerLayers): ConfigProblem | null {
  return (
    checkRetention(layers) ??
    checkCleaner(layers) ??
    checkConnections(layers) ??
    checkCordoned(layers) ??
    checkGroupIntervals(layers) ??
    checkLocalRetention(layers, 'ms') ??
    checkLocalRetention(layers, 'bytes')
  )
}

function refused(layers: BrokerLayers, key: string, allowed: string): ConfigProblem {
  return invalidRequest(`Invalid value ${brokerValue(layers, key)} for configuration ${key}: must be ${allowed}`)
}

function checkRetention(layers: BrokerLayers): ConfigProblem | null {
  for (const key of ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours']) {
    if (numberOf(layers, key) === 0) return refused(layers, key, 'at least 1, or -1 for ever')
  }
  const rollMs = numberOf(layers, 'log.roll.ms')
  if (rollMs !== null && rollMs < 1) return refused(layers, 'log.roll.ms', 'at least 1')
  const jitterMs = numberOf(layers, 'log.roll.jitter.ms')
  if (jitterMs !== null && jitterMs < 0) return refused(layers, 'log.roll.jitter.ms', 'at least 0')
  return null
}

function checkCleaner(layers: BrokerLayers): ConfigProblem | null {
  const key = 'log.cleaner.dedupe.buffer.size'
  const threads = numberOf(layers, 'log.cleaner.threads') ?? 1
  // Kafka means to take this, and then divides by it.
  if (threads === 0) return refused(layers, 'log.cleaner.threads', 'at least 1')
  if (Math.trunc((numberOf(layers, key) ?? 0) / threads) > DEDUPE_BYTES_A_THREAD_MIN) return null
  return refused(layers, key, `more than ${DEDUPE_BYTES_A_THREAD_MIN} for each of log.cleaner.threads (${threads})`)
}

function checkConnections(layers: BrokerLayers): ConfigProblem | null {
  const overridesKey = 'max.connections.per.ip.overrides'
  const text = brokerValue(layers, overridesKey)
  const overrides = typeof text === 'string' ? parseConnectionOverrides(text) : null
  if (overrides === null) return refused(layers, overridesKey, 'a list of HOST:COUNT')
  if (numberOf(layers, 'max.connections.per.ip') === 0 && overrides.size === 0) {
    return refused(layers, 'max.connections.per.ip', `at least 1 as long as ${overridesKey} is empty`)
  }
  if (numberOf(layers, 'max.connection.creation.rate') === 0) {
    return refused(layers, 'max.connection.creation.rate', 'at least 1')
  }
  return null
}

function checkCordoned(layers: BrokerLayers): ConfigProblem | null {
  const allowed = cordonedProblem(layers)
  return allowed === null ? null : refused(layers, 'cordoned.log.dirs', allowed)
}

function checkGroupIntervals(layers: BrokerLayers): ConfigProblem | null {
  for (const kind of ['consumer', 'share', 'streams']) {
    const key = `group.${kind}.assignment.interval.ms`
    const minKey = `group.${kind}.min.assignment.interval.ms`
    const maxKey = `group.${kind}.max.assignment.interval.ms`
    const value = numberOf(layers, key) ?? 0
    const min = numberOf(layers, minKey) ?? value
    const max = numberOf(layers, maxKey) ?? value
    if (value < min) return refused(layers, key, `at least ${minKey}, ${min}`)
    if (value > max) return refused(layers, key, `at most ${maxKey}, ${max}`)
  }
  return null
}

/** What stays here is part of what is kept; what is not yet copied elsewhere is part of what stays here. */
function checkLocalRetention(layers: BrokerLayers, unit: 'ms' | 'bytes'): ConfigProblem | null {
  const key = `log.local.retention.${unit}`
  const local = longOf(brokerValue(layers, key))
  const whole = longOf(topicValue(NO_CONFIGS, layers, `retention.${unit}`))
  if (local !== AS_RETENTION && whole !== NO_LIMIT && (local === NO_LIMIT || local > whole)) {
    return refused(layers, key, `at most log.retention.${unit}, ${whole}`)
  }
  const effective = local === AS_RETENTION ? whole : local
  const lagKey = `log.remote.copy.lag.${unit}`
  if (effective < 0n || longOf(brokerValue(layers, lagKey)) <= effective) return null
  return refused(layers, lagKey, `at most ${key}, ${effective}`)
}

function longOf(value: unknown): bigint {
  assert(typeof value === 'bigint', 'these keys are longs')
  return value
}

function numberOf(layers: BrokerLayers, key: string): number | null {
  const value = brokerValue(layers, key)
  return value === null ? null : Number(value)
}
