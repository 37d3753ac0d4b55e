import { brokerConfigs } from './broker-configs.ts'
import { BROKER_LOGGER_LEVEL, LOGGER_TABLE } from './broker-loggers.ts'
import type { ConfigDefinition } from './definition.ts'
import { clientMetricsConfigs } from './definitions/client-metrics-configs.ts'
import { groupConfigs } from './definitions/group-configs.ts'
import { topicConfigs } from './definitions/topic-configs.ts'
import { hasEffect, hasTopicEffect } from './effective-keys.ts'

interface DescribedConfig
  extends Pick<ConfigDefinition, 'name' | 'type' | 'defaultText' | 'importance' | 'documentation'> {
  readonly update?: string
  readonly hasEffect: boolean
}

interface DescribedConfigs {
  readonly title: string
  readonly rows: readonly DescribedConfig[]
}

/** Every key that Kafka shows, of every kind of resource, for people to read. */
export function describedConfigs(): readonly DescribedConfigs[] {
  return [
    { title: 'Broker', rows: shown(brokerConfigs, hasEffect) },
    { title: 'Topic', rows: shown(topicConfigs, hasTopicEffect) },
    { title: 'Group', rows: shown(groupConfigs, () => false) },
    { title: 'Client metrics', rows: shown(clientMetricsConfigs, () => false) },
    { title: 'Broker logger', rows: loggers() },
  ]
}

function shown<D extends ConfigDefinition>(
  definitions: ReadonlyMap<string, D>,
  isFollowed: (name: string) => boolean,
): readonly DescribedConfig[] {
  return [...definitions.values()]
    .filter(({ isInternal }) => !isInternal)
    .map((definition) => ({ ...definition, hasEffect: isFollowed(definition.name) }))
}

function loggers(): readonly DescribedConfig[] {
  return Object.entries(LOGGER_TABLE).map(([name, documentation]) => ({
    ...{ name, type: 'STRING' as const, defaultText: BROKER_LOGGER_LEVEL, importance: 'LOW' as const },
    ...{ documentation, hasEffect: true },
  }))
}
