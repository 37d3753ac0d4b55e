import { type ConfigProblem, invalidConfig } from './config-problem.ts'
import { topicConfigs } from './definitions/topic-configs.ts'
import { type BrokerLayers, type ConfigMap, ConfigReader, topicValue } from './layers.ts'
import { parseConfigValue } from './parse-value.ts'

/** All configs that a topic would have of its own. Unknown keys are found before bad values. */
export function checkTopicConfigs(own: ConfigMap, layers: BrokerLayers): ConfigProblem | null {
  if (own.size === 0) return null
  for (const name of own.keys()) {
    if (!topicConfigs.has(name)) return invalidConfig(`Unknown topic config name: ${name}`)
  }
  for (const [name, text] of own) {
    const definition = topicConfigs.get(name)
    const parsed = definition === undefined ? null : parseConfigValue(definition, text)
    if (parsed !== null && !parsed.ok) return invalidConfig(parsed.problem)
  }
  const read = new ConfigReader((name) => topicValue(own, layers, name))
  const minLag = read.long('min.compaction.lag.ms')
  const maxLag = read.long('max.compaction.lag.ms')
  if (minLag > maxLag) {
    return invalidConfig(`min.compaction.lag.ms (${minLag}) must not be larger than max.compaction.lag.ms (${maxLag})`)
  }
  if (read.boolean('remote.storage.enable')) {
    return invalidConfig(
      'Invalid value true for configuration remote.storage.enable: this broker has no tiered storage',
    )
  }
  return null
}
