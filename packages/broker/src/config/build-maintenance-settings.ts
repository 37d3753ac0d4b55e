import type { MaintenanceSettings } from '@odradek/log'
import { brokerValue, ConfigReader, NO_CONFIGS } from './layers.ts'
import type { ResolvedBrokerConfig } from './resolve-broker-config.ts'

/** As in Kafka: one array holds it. */
const DEDUPE_BUFFER_BYTES_MAX = 2_147_483_647

/** What a log store does by itself, as the process was told at its start. */
export function buildMaintenanceSettings(config: ResolvedBrokerConfig): MaintenanceSettings {
  const layers = { dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: config.entries }
  const read = new ConfigReader((name) => brokerValue(layers, name))
  return {
    initialDelayMs: read.number('log.initial.task.delay.ms'),
    retentionCheckIntervalMs: read.number('log.retention.check.interval.ms'),
    isCleanerEnabled: read.boolean('log.cleaner.enable'),
    cleanerBackoffMs: read.number('log.cleaner.backoff.ms'),
    dedupeBufferBytes: Math.min(read.number('log.cleaner.dedupe.buffer.size'), DEDUPE_BUFFER_BYTES_MAX),
    cleanerBytesPerSecondMax: read.number('log.cleaner.io.max.bytes.per.second'),
  }
}
