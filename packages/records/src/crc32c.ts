import { requirePackage } from './lazily.ts'

const { buf }: { buf(bytes: Uint8Array): number } = requirePackage('crc-32/crc32c')

/** CRC-32C (Castagnoli) of `bytes` from `start` to `end`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  return buf(bytes.subarray(start, end)) >>> 0
}
