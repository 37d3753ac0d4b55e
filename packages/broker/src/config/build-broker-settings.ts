import { connectionCreationRates } from './connection-creation-rates.ts'
import { type BrokerLayers, brokerValue, ConfigReader } from './layers.ts'
import { buildLimitSettings } from './limit-settings.ts'
import { RACK_AWARE_SELECTOR } from './replica-selectors.ts'
import type { BrokerSettings, QuotaWindowSettings } from './settings.ts'

/** A node's settings as they are at this moment. `memoryLogBytes` is what `--ephemeral` may take when no key says so. */
export function buildBrokerSettings(layers: BrokerLayers, memoryLogBytes: number): BrokerSettings {
  const read = new ConfigReader((name) => brokerValue(layers, name))
  return {
    ...buildLimitSettings(layers),
    autoCreateTopicsEnable: read.boolean('auto.create.topics.enable'),
    deleteTopicEnable: read.boolean('delete.topic.enable'),
    numPartitions: read.number('num.partitions'),
    defaultReplicationFactor: read.number('default.replication.factor'),
    messageMaxBytes: read.number('message.max.bytes'),
    fetchMaxBytes: read.number('fetch.max.bytes'),
    connectionCreationRates: connectionCreationRates(layers),
    quotaWindow: quotaWindow(read, 'quota.window'),
    controllerQuotaWindow: quotaWindow(read, 'controller.quota.window'),
    maxIncrementalFetchSessionCacheSlots: read.number('max.incremental.fetch.session.cache.slots'),
    maxRequestPartitionSizeLimit: read.number('max.request.partition.size.limit'),
    offsetsTopicNumPartitions: read.number('offsets.topic.num.partitions'),
    offsetsTopicReplicationFactor: read.number('offsets.topic.replication.factor'),
    offsetsRetentionMinutes: read.number('offsets.retention.minutes'),
    offsetMetadataMaxBytes: read.number('offset.metadata.max.bytes'),
    groupMinSessionTimeoutMs: read.number('group.min.session.timeout.ms'),
    groupMaxSessionTimeoutMs: read.number('group.max.session.timeout.ms'),
    groupMaxSize: read.number('group.max.size'),
    groupInitialRebalanceDelayMs: read.number('group.initial.rebalance.delay.ms'),
    producerIdExpirationMs: read.number('producer.id.expiration.ms'),
    addPartitionsToTxnRetryBackoffMs: read.number('add.partitions.to.txn.retry.backoff.ms'),
    addPartitionsToTxnRetryBackoffMaxMs: read.number('add.partitions.to.txn.retry.backoff.max.ms'),
    transactionMaxTimeoutMs: read.number('transaction.max.timeout.ms'),
    transactionalIdExpirationMs: read.number('transactional.id.expiration.ms'),
    transactionAbortTimedOutCleanupIntervalMs: read.number(
      'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    ),
    transactionRemoveExpiredCleanupIntervalMs: read.number(
      'transaction.remove.expired.transaction.cleanup.interval.ms',
    ),
    transactionPartitionVerificationEnable: read.boolean('transaction.partition.verification.enable'),
    delegationTokenMaxLifetimeMs: read.long('delegation.token.max.lifetime.ms'),
    delegationTokenExpiryTimeMs: read.long('delegation.token.expiry.time.ms'),
    delegationTokenExpiryCheckIntervalMs: read.number('delegation.token.expiry.check.interval.ms'),
    recordValidation: read.choice('odradek.record.validation', ['batch', 'full']),
    topicsMax: read.number('odradek.max.topics'),
    partitionsMax: read.number('odradek.max.partitions'),
    isRackAware: brokerValue(layers, 'replica.selector.class') === RACK_AWARE_SELECTOR,
    replicationFactorClamp: read.boolean('odradek.replication.factor.clamp'),
    flush: read.choice('odradek.flush', ['device', 'os']),
    alterLogDirsBytesPerSecondMax: Math.max(1, read.number('replica.alter.log.dirs.io.max.bytes.per.second')),
    metricsTopicsMax: read.number('odradek.metrics.topics.max'),
    metricsPartitionsMax: read.number('odradek.metrics.partitions.max'),
    metricsClientSeriesMax: read.number('odradek.metrics.client.series.max'),
    metricsGroupPartitionsMax: read.number('odradek.metrics.group.partitions.max'),
    memoryLogBytes: read.has('odradek.memory.log.bytes') ? read.number('odradek.memory.log.bytes') : memoryLogBytes,
  }
}

function quotaWindow(read: ConfigReader, keys: string): QuotaWindowSettings {
  return { samples: read.number(`${keys}.num`), sampleMs: read.number(`${keys}.size.seconds`) * 1000 }
}
