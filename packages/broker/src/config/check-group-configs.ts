import { assert } from '@odradek/core'
import { type ConfigProblem, invalidConfig } from './config-problem.ts'
import { groupConfigs } from './definitions/group-configs.ts'
import { type BrokerLayers, brokerValue, type ConfigMap } from './layers.ts'
import { parseConfigValue } from './parse-value.ts'

type Bounds = readonly [leastKey: string | null, mostKey: string | null]

function bounds(config: string, least: string | null, most: string | null): [string, Bounds] {
  return [config, [least, most]]
}

/** The broker's keys that bound a group's configs. */
const BOUNDS: ReadonlyMap<string, Bounds> = new Map([
  ...['consumer', 'share', 'streams'].flatMap((kind) =>
    ['session.timeout.ms', 'heartbeat.interval.ms', 'assignment.interval.ms'].map((key) =>
      bounds(`${kind}.${key}`, `group.${kind}.min.${key}`, `group.${kind}.max.${key}`),
    ),
  ),
  ...['delivery.count.limit', 'record.lock.duration.ms', 'partition.max.record.locks'].map((key) =>
    bounds(`share.${key}`, `group.share.min.${key}`, `group.share.max.${key}`),
  ),
  bounds('streams.num.standby.replicas', null, 'group.streams.max.standby.replicas'),
  bounds('streams.num.warmup.replicas', null, 'group.streams.max.warmup.replicas'),
  bounds('streams.task.offset.interval.ms', 'group.streams.min.task.offset.interval.ms', null),
])

/** All configs that a group would have of its own. */
export function checkGroupConfigs(own: ConfigMap, layers: BrokerLayers): ConfigProblem | null {
  for (const name of own.keys()) {
    if (!groupConfigs.has(name)) return invalidConfig(`Unknown group config name: ${name}`)
  }
  for (const [name, text] of own) {
    const problem = checkValue(name, text, layers)
    if (problem !== null) return problem
  }
  return null
}

function checkValue(name: string, text: string, layers: BrokerLayers): ConfigProblem | null {
  const definition = groupConfigs.get(name)
  assert(definition !== undefined, 'unknown names were refused before')
  const parsed = parseConfigValue(definition, text)
  if (!parsed.ok) return invalidConfig(parsed.problem)
  // Topics whose names begin so are the broker's own.
  if (name === 'errors.deadletterqueue.topic.name' && text.startsWith('__')) {
    return invalidConfig(`Invalid value ${text} for configuration ${name}: must not begin with __`)
  }
  if (name === 'streams.assignor.name') return checkAssignor(text.trim(), layers)
  const [minKey, maxKey] = BOUNDS.get(name) ?? [null, null]
  const min = minKey === null ? Number.NEGATIVE_INFINITY : Number(brokerValue(layers, minKey))
  const max = maxKey === null ? Number.POSITIVE_INFINITY : Number(brokerValue(layers, maxKey))
  const value = Number(parsed.value)
  if (value < min) return invalidConfig(`Invalid value ${text} for configuration ${name}: must be at least ${min}`)
  if (value > max) return invalidConfig(`Invalid value ${text} for configuration ${name}: must be at most ${max}`)
  return null
}

function checkAssignor(assignor: string, layers: BrokerLayers): ConfigProblem | null {
  const known = brokerValue(layers, 'group.streams.assignors')
  if (Array.isArray(known) && known.includes(assignor)) return null
  const allowed = Array.isArray(known) ? known.join(', ') : ''
  return invalidConfig(`Invalid value ${assignor} for configuration streams.assignor.name: must be one of ${allowed}`)
}
