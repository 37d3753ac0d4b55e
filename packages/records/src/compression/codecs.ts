import type { CodecId } from '../batch-header.ts'
import { RecordsError } from '../records-error.ts'
import type { Codec } from './codec.ts'
import { gzip } from './gzip.ts'
import { lz4, lz4OfFormat0 } from './lz4.ts'
import { snappy } from './snappy.ts'
import { zstd } from './zstd.ts'

/** Kafka's names, as they stand in `compression.type`. */
export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

const TYPES: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** The codec of attribute bits 0-2. @throws RecordsError UNKNOWN_SERVER_ERROR, Kafka's answer, for 5 to 7. */
export function compressionTypeOf(id: CodecId): CompressionType {
  const type = TYPES[id]
  if (type === undefined) throw new RecordsError('UNKNOWN_SERVER_ERROR', `no codec has the number ${id}`)
  return type
}

export const codecIdOf = (type: CompressionType): CodecId => {
  switch (type) {
    case 'none':
      return 0
    case 'gzip':
      return 1
    case 'snappy':
      return 2
    case 'lz4':
      return 3
    case 'zstd':
      return 4
  }
}

/** The codec for `type` within messages or batches of format `magic`; only lz4 knows a difference. */
export function codecFor(type: Exclude<CompressionType, 'none'>, magic: number): Codec {
  switch (type) {
    case 'gzip':
      return gzip
    case 'snappy':
      return snappy
    case 'lz4':
      return magic === 0 ? lz4OfFormat0 : lz4
    case 'zstd':
      return zstd
  }
}
