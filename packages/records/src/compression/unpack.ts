import { RecordsError } from '../records-error.ts'
import { codecFor } from './codecs.ts'

/**
 * What `source` unpacks to under Kafka's number of a codec, outside any batch.
 * @throws RecordsError past `limitBytes`, for what cannot be unpacked, and for numbers that no codec has
 */
export function unpack(codecId: number, source: Uint8Array, limitBytes: number): Uint8Array {
  switch (codecId) {
    case 0:
      if (source.length > limitBytes)
        throw new RecordsError('INVALID_RECORD', `${source.length} bytes, more than ${limitBytes}`)
      return source
    case 1:
      return codecFor('gzip', 2).decompress(source, limitBytes)
    case 2:
      return codecFor('snappy', 2).decompress(source, limitBytes)
    case 3:
      return codecFor('lz4', 2).decompress(source, limitBytes)
    case 4:
      return codecFor('zstd', 2).decompress(source, limitBytes)
    default:
      throw new RecordsError('UNKNOWN_SERVER_ERROR', `no codec has the number ${codecId}`)
  }
}
