import { defaultMaintenanceSettings } from '@odradek/log'
import { buildMaintenanceSettings } from './build-maintenance-settings.ts'
import { NO_CONFIGS } from './layers.ts'
import { resolveBrokerConfig } from './resolve-broker-config.ts'

const GIBIBYTE = 1_073_741_824

function settings(entries: Record<string, string>) {
  const config = resolveBrokerConfig(new Map(Object.entries(entries)), GIBIBYTE)
  expect([config.problems, config.ignored, config.unknown]).toEqual([[], [], []])
  return buildMaintenanceSettings({ dynamic: NO_CONFIGS, dynamicDefault: NO_CONFIGS, fixed: config.entries })
}

test('without keys a store ages its logs as Kafka’s defaults say', () => {
  expect(settings({})).toEqual(defaultMaintenanceSettings)
})

test('each key of retention and compaction has its effect', () => {
  const found = settings({
    'log.initial.task.delay.ms': '1',
    'log.retention.check.interval.ms': '2',
    'log.cleaner.enable': 'false',
    'log.cleaner.backoff.ms': '3',
    'log.cleaner.dedupe.buffer.size': '4',
    'log.cleaner.io.max.bytes.per.second': '5.5',
  })
  expect(found).toEqual({
    initialDelayMs: 1,
    retentionCheckIntervalMs: 2,
    isCleanerEnabled: false,
    cleanerBackoffMs: 3,
    dedupeBufferBytes: 4,
    cleanerBytesPerSecondMax: 5.5,
  })
})

test('the map of keys is never larger than one array', () => {
  expect(settings({ 'log.cleaner.dedupe.buffer.size': '99999999999' }).dedupeBufferBytes).toBe(2_147_483_647)
})
