import { gunzipSync, gzipSync } from 'node:zlib'
import type { Codec } from './codec.ts'
import { reasonOf, tooLarge, undecodable } from './decompression-errors.ts'

const CHUNK_BYTES_MIN = 1024
const CHUNK_BYTES_MAX = 256 * 1024

/** zlib allocates whole chunks of its own: the length in a gzip trailer, where it is small, saves most of a small batch's. */
function chunkBytes(source: Uint8Array, limitBytes: number): number {
  const claimed =
    source.length < 4 ? 0 : new DataView(source.buffer, source.byteOffset + source.length - 4, 4).getUint32(0, true)
  return Math.max(CHUNK_BYTES_MIN, Math.min(claimed + 1, limitBytes + 1, CHUNK_BYTES_MAX))
}

const isTooLarge = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_BUFFER_TOO_LARGE'

/** RFC 1952. Node reads several members as one and leaves bytes after them alone, as Java does. */
export const gzip: Codec = {
  decompress(source, limitBytes) {
    try {
      return gunzipSync(source, { maxOutputLength: Math.max(limitBytes, 1), chunkSize: chunkBytes(source, limitBytes) })
    } catch (thrown) {
      throw isTooLarge(thrown) ? tooLarge(limitBytes) : undecodable('gzip', reasonOf(thrown))
    }
  },

  compress(source, level) {
    return level === undefined ? gzipSync(source) : gzipSync(source, { level })
  },
}
