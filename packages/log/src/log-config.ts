/** What a partition's log must know of its topic's configs (Kafka's keys in camel case) and of the broker's settings. */
export interface LogConfig {
  /** segment.bytes */
  readonly segmentBytes: number
  /** segment.ms less the jitter drawn for this segment */
  readonly segmentMs: number
  readonly segmentJitterMs: number
  /** segment.index.bytes */
  readonly segmentIndexBytes: number
  /** index.interval.bytes */
  readonly indexIntervalBytes: number
  /** retention.ms, -1 for ever */
  readonly retentionMs: number
  /** retention.bytes, -1 without bound */
  readonly retentionBytes: number
  readonly fileDeleteDelayMs: number
  /** flush.messages; Infinity when never */
  readonly flushMessages: number
  /** flush.ms; Infinity when never */
  readonly flushMs: number
  readonly cleanupDelete: boolean
  readonly cleanupCompact: boolean
  readonly minCleanableDirtyRatio: number
  readonly deleteRetentionMs: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly maxMessageBytes: number
  /** max.decompressed.message.bytes, capped by the broker */
  readonly maxDecompressedBytes: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  /** producer.id.expiration.ms of the broker */
  readonly producerIdExpirationMs: number
  /** Producers remembered; beyond it the one silent for longest is forgotten, which costs it nothing but the check. */
  readonly producersMax: number
  /** Of all logs: beyond it a log that gets one more forgets one, too. */
  readonly producersInAllMax: number
  /** odradek.flush: `device` flushes for `flushed` appends, `os` takes the operating system's word. */
  readonly flush: 'device' | 'os'
  /** Its writer waits until each batch is on the device before it appends the next: what a damaged one means rests on it. */
  readonly isEachBatchFlushed?: boolean
}

export const defaultLogConfig: LogConfig = {
  segmentBytes: 1_073_741_824,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10_485_760,
  indexIntervalBytes: 4096,
  retentionMs: 604_800_000,
  retentionBytes: -1,
  fileDeleteDelayMs: 60_000,
  flushMessages: Number.POSITIVE_INFINITY,
  flushMs: Number.POSITIVE_INFINITY,
  cleanupDelete: true,
  cleanupCompact: false,
  minCleanableDirtyRatio: 0.5,
  deleteRetentionMs: 86_400_000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.POSITIVE_INFINITY,
  maxMessageBytes: 1_048_588,
  maxDecompressedBytes: 2_147_483_639,
  timestampType: 'CreateTime',
  producerIdExpirationMs: 86_400_000,
  producersMax: 100_000,
  producersInAllMax: 500_000,
  flush: 'device',
}
