import type { MaintenanceSettings } from '@odradek/log'
import { brokerValue, ConfigReader, NO_CONFIGS } from './layers.ts'
import type { ResolvedBrokerConfig } from './resolve-broker-config.ts'

/** What a log store does by itself, as the process was told at its start. */
export function buildMaintenanceSettings(config: ResolvedBrokerConfig): MaintenanceSettings {
  const layers = { dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: config.entries }
  const read = new ConfigReader((name) => brokerValue(layers, name))
  return {
    initialDelayMs: read.number('log.initial.task.delay.ms'),
    retentionCheckIntervalMs: read.number('log.retention.check.interval.ms'),
  }
}
