import type { Codec } from './codec.ts'
import { tooLarge, undecodable } from './decompression-errors.ts'
import { zstdCapacity } from './zstd-capacity.ts'
import { instantiateZstd, type ZstdModule } from './zstd-module.ts'

/** Kafka's default level. */
const DEFAULT_LEVEL = 3
/** WASM memory never shrinks, so an instance that one huge batch has blown up past this is given up after it. */
const HEAP_KEPT_BYTES = 64 * 1024 * 1024

let current: ZstdModule | null = null

/**
 * Runs `work` with `source` copied into the instance and a target of `capacity` bytes; null when it fails.
 * @throws RecordsError when the instance, which has 2 GiB at most, has no such memory.
 */
function run(
  source: Uint8Array,
  capacity: number,
  work: (module: ZstdModule, target: number, from: number) => number,
): Uint8Array | null {
  current ??= instantiateZstd()
  const module = current
  const from = module._malloc(Math.max(source.length, 1))
  const target = from === 0 ? 0 : module._malloc(Math.max(capacity, 1))
  try {
    if (target === 0) throw tooLarge(capacity)
    module.HEAPU8.set(source, from)
    const written = work(module, target, from)
    return written < 0 ? null : Buffer.from(module.HEAPU8.subarray(target, target + written))
  } finally {
    if (target !== 0) module._free(target)
    if (from !== 0) module._free(from)
    if (module.HEAPU8.length > HEAP_KEPT_BYTES) current = null
  }
}

/**
 * Of the packages for Node 20, @foxglove/wasm-zstd is the one that unpacks synchronously into a buffer of a size that we
 * name: the others know no bound, or loop for ever on junk. (Node's own zlib has zstd from 22.15 on.)
 */
export const zstd: Codec = {
  decompress(source, limitBytes) {
    const capacity = zstdCapacity(source)
    const target = Math.min(capacity, limitBytes)
    const unpacked = run(source, target, (module, to, from) => module._decompress(to, target, from, source.length))
    if (unpacked !== null) return unpacked
    throw capacity > limitBytes ? tooLarge(limitBytes) : undecodable('zstd', 'corrupt')
  },

  compress(source, level = DEFAULT_LEVEL) {
    current ??= instantiateZstd()
    const bound = current._compressBound(source.length)
    const packed = run(source, bound, (module, to, from) => module._compress(to, bound, from, source.length, level))
    if (packed === null) throw new Error(`zstd could not compress ${source.length} bytes`)
    return packed
  },
}
