import type { ConnectionCreationRates } from './connection-creation-rates.ts'
import type { LimitSettings } from './limit-settings.ts'

/** quota.window.num or controller.quota.window.num, and the size that goes with it. */
export interface QuotaWindowSettings {
  readonly samples: number
  readonly sampleMs: number
}

/**
 * The broker's settings as typed values, from Kafka's keys (and odradek's own). Getters, since dynamic configs change
 * while the broker runs. Names are Kafka's in camel case.
 */
export interface BrokerSettings extends LimitSettings {
  readonly autoCreateTopicsEnable: boolean
  readonly deleteTopicEnable: boolean
  readonly numPartitions: number
  readonly defaultReplicationFactor: number
  readonly messageMaxBytes: number
  readonly fetchMaxBytes: number
  readonly connectionCreationRates: ConnectionCreationRates
  readonly quotaWindow: QuotaWindowSettings
  readonly controllerQuotaWindow: QuotaWindowSettings
  readonly maxIncrementalFetchSessionCacheSlots: number
  readonly maxRequestPartitionSizeLimit: number
  readonly offsetsTopicNumPartitions: number
  readonly offsetsTopicReplicationFactor: number
  readonly offsetsRetentionMinutes: number
  readonly offsetMetadataMaxBytes: number
  readonly groupMinSessionTimeoutMs: number
  readonly groupMaxSessionTimeoutMs: number
  readonly groupMaxSize: number
  readonly groupInitialRebalanceDelayMs: number
  readonly producerIdExpirationMs: number
  readonly transactionMaxTimeoutMs: number
  readonly transactionalIdExpirationMs: number
  /** transaction.abort.timed.out.transaction.cleanup.interval.ms */
  readonly transactionAbortTimedOutCleanupIntervalMs: number
  /** transaction.remove.expired.transaction.cleanup.interval.ms */
  readonly transactionRemoveExpiredCleanupIntervalMs: number
  /** transaction.partition.verification.enable */
  readonly transactionPartitionVerificationEnable: boolean
  /** add.partitions.to.txn.retry.backoff.ms */
  readonly addPartitionsToTxnRetryBackoffMs: number
  /** add.partitions.to.txn.retry.backoff.max.ms: how long it is tried at all. */
  readonly addPartitionsToTxnRetryBackoffMaxMs: number
  readonly delegationTokenMaxLifetimeMs: bigint
  readonly delegationTokenExpiryTimeMs: bigint
  readonly delegationTokenExpiryCheckIntervalMs: number
  /** odradek.record.validation */
  readonly recordValidation: 'batch' | 'full'
  /** odradek.max.topics */
  readonly topicsMax: number
  /** odradek.max.partitions, over all topics */
  readonly partitionsMax: number
  /** replica.selector.class: consumers are sent to replicas in their rack. */
  readonly isRackAware: boolean
  /** odradek.replication.factor.clamp */
  readonly replicationFactorClamp: boolean
  /** odradek.flush */
  readonly flush: 'device' | 'os'
  /** odradek.memory.log.bytes */
  /** replica.alter.log.dirs.io.max.bytes.per.second */
  readonly alterLogDirsBytesPerSecondMax: number
  readonly memoryLogBytes: number
  /** odradek.metrics.topics.max */
  readonly metricsTopicsMax: number
  /** odradek.metrics.partitions.max */
  readonly metricsPartitionsMax: number
  /** odradek.metrics.client.series.max */
  readonly metricsClientSeriesMax: number
  /** odradek.metrics.group.partitions.max */
  readonly metricsGroupPartitionsMax: number
}
