import type { CompressionType } from '../compression/codecs.ts'

/** What a topic demands of the batches that clients produce to it, from its configs. */
export interface ProduceRules {
  /** `max.message.bytes` */
  readonly maxMessageBytes: number
  /** `compression.type`; `producer` keeps the codec of each batch. */
  readonly compressionType: 'producer' | 'uncompressed' | Exclude<CompressionType, 'none'>
  /** `compression.gzip.level`, `compression.lz4.level`, `compression.zstd.level` */
  readonly compressionLevels: { readonly gzip: number; readonly lz4: number; readonly zstd: number }
  /** `message.timestamp.type` */
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  /** `message.timestamp.before.max.ms`: 2^63 - 1 unless set, hence a bigint */
  readonly timestampBeforeMaxMs: bigint
  /** `message.timestamp.after.max.ms` */
  readonly timestampAfterMaxMs: bigint
  /** `cleanup.policy` has `compact`: records need keys. */
  readonly isCompacted: boolean
  /** `max.decompressed.message.bytes` or the broker's own cap, whichever is less */
  readonly maxDecompressedBytes: number
  /**
   * `odradek.record.validation`: `full` is Kafka's own check of every record; `batch` opens a compressed batch only where
   * the topic's other rules demand it.
   */
  readonly validation: 'batch' | 'full'
}

/** What a batch of codec `source` is stored as. */
export function targetCompression(rules: ProduceRules, source: CompressionType): CompressionType {
  if (rules.compressionType === 'producer') return source
  return rules.compressionType === 'uncompressed' ? 'none' : rules.compressionType
}

/** The level that the topic sets for `type`; snappy has none. */
export function compressionLevel(rules: ProduceRules, type: CompressionType): number | undefined {
  const { gzip, lz4, zstd } = rules.compressionLevels
  return { none: undefined, gzip, snappy: undefined, lz4, zstd }[type]
}
