import type { LogConfig } from '@odradek/log'

/** A topic's effective configs as typed values: its own over the broker's defaults. */
export interface TopicSettings {
  readonly log: LogConfig
  readonly maxMessageBytes: number
  readonly compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly compressionGzipLevel: number
  readonly compressionLz4Level: number
  readonly compressionZstdLevel: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly timestampBeforeMaxMs: bigint
  readonly timestampAfterMaxMs: bigint
  /** cleanup.policy names `compact`: records need a key. */
  readonly compacted: boolean
  readonly maxDecompressedBytes: number
  readonly minInsyncReplicas: number
}
