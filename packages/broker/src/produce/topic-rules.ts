import type { ProduceRules } from '@odradek/records'
import type { TopicSettings } from '../config/topic-settings.ts'

const made = new WeakMap<TopicSettings, ProduceRules>()

/** What a topic's settings demand of produced batches; made once for each state of the settings. */
export function produceRulesOf(settings: TopicSettings, validation: ProduceRules['validation']): ProduceRules {
  const known = made.get(settings)
  if (known !== undefined && known.validation === validation) return known
  const rules: ProduceRules = {
    maxMessageBytes: settings.maxMessageBytes,
    compressionType: settings.compressionType,
    compressionLevels: {
      gzip: settings.compressionGzipLevel,
      lz4: settings.compressionLz4Level,
      zstd: settings.compressionZstdLevel,
    },
    timestampType: settings.timestampType,
    timestampBeforeMaxMs: settings.timestampBeforeMaxMs,
    timestampAfterMaxMs: settings.timestampAfterMaxMs,
    isCompacted: settings.compacted,
    maxDecompressedBytes: settings.maxDecompressedBytes,
    validation,
  }
  made.set(settings, rules)
  return rules
}
