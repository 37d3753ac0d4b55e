import type { LogConfig } from '@odradek/log'
import { type BrokerLayers, brokerValue, type ConfigMap, ConfigReader, topicValue } from './layers.ts'
import type { TopicSettings } from './topic-settings.ts'

/** A topic's settings on a node, from its own configs and the node's. */
export function buildTopicSettings(own: ConfigMap, layers: BrokerLayers): TopicSettings {
  const topic = new ConfigReader((name) => topicValue(own, layers, name))
  const broker = new ConfigReader((name) => brokerValue(layers, name))
  const log = buildLogConfig(topic, broker)
  return {
    log,
    maxMessageBytes: log.maxMessageBytes,
    compressionType: topic.choice('compression.type', ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd']),
    compressionGzipLevel: topic.number('compression.gzip.level'),
    compressionLz4Level: topic.number('compression.lz4.level'),
    compressionZstdLevel: topic.number('compression.zstd.level'),
    timestampType: log.timestampType,
    timestampBeforeMaxMs: topic.long('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: topic.long('message.timestamp.after.max.ms'),
    compacted: log.cleanupCompact,
    maxDecompressedBytes: log.maxDecompressedBytes,
    minInsyncReplicas: topic.number('min.insync.replicas'),
  }
}

function buildLogConfig(topic: ConfigReader, broker: ConfigReader): LogConfig {
  const policies = topic.list('cleanup.policy')
  return {
    // Kafka's own tests set the internal key, which may be smaller than segment.bytes may.
    segmentBytes: topic.number(topic.has('internal.segment.bytes') ? 'internal.segment.bytes' : 'segment.bytes'),
    segmentMs: topic.number('segment.ms'),
    segmentJitterMs: topic.number('segment.jitter.ms'),
    segmentIndexBytes: topic.number('segment.index.bytes'),
    indexIntervalBytes: topic.number('index.interval.bytes'),
    retentionMs: topic.number('retention.ms'),
    retentionBytes: topic.number('retention.bytes'),
    fileDeleteDelayMs: topic.number('file.delete.delay.ms'),
    flushMessages: topic.number('flush.messages'),
    flushMs: topic.number('flush.ms'),
    cleanupDelete: policies.includes('delete'),
    cleanupCompact: policies.includes('compact'),
    minCleanableDirtyRatio: topic.number('min.cleanable.dirty.ratio'),
    deleteRetentionMs: topic.number('delete.retention.ms'),
    minCompactionLagMs: topic.number('min.compaction.lag.ms'),
    maxCompactionLagMs: topic.number('max.compaction.lag.ms'),
    maxMessageBytes: topic.number('max.message.bytes'),
    maxDecompressedBytes: Math.min(
      topic.number('max.decompressed.message.bytes'),
      broker.number('odradek.max.decompressed.message.bytes'),
    ),
    timestampType: topic.choice('message.timestamp.type', ['CreateTime', 'LogAppendTime']),
    producerIdExpirationMs: broker.number('producer.id.expiration.ms'),
    producersMax: broker.number('odradek.max.producer.ids'),
    producersInAllMax: broker.number('odradek.max.producer.ids.in.all'),
    flush: broker.choice('odradek.flush', ['device', 'os']),
  }
}
