import type { MaintenanceSettings } from '@odradek/log'
import { type BrokerLayers, brokerValue, ConfigReader } from './layers.ts'

/** As in Kafka: one array holds it. */
const DEDUPE_BUFFER_BYTES_MAX = 2_147_483_647

/** What a log store does by itself. */
export function buildMaintenanceSettings(layers: BrokerLayers): MaintenanceSettings {
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
