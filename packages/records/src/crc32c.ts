import { assert } from '@odradek/core'
import {
  LARGE_OPEN_BYTES,
  memoryPages,
  OPEN_AT,
  SCRATCH_AT,
  SCRATCH_BYTES,
  SMALL_OPEN_BYTES,
  TABLES,
} from './crc32c-layout.ts'
import { CRC32C_MODULE_BASE64 } from './crc32c-module.ts'
import { lazily, requirePackage } from './lazily.ts'
import { type WasmMemory, wasm } from './web-assembly.ts'

/** x^32 + x^28 + x^27 + ... (Castagnoli), bits reversed. */
const POLYNOMIAL = 0x82f6_3b78

type Update = (pointer: number, length: number, checksum: number) => number

interface Engine {
  /** Null where the processor or the engine has no WebAssembly SIMD; then `crc-32` does the work. */
  readonly memory: Uint8Array | null
  /** What `memory` is a part of. */
  readonly buffer: ArrayBufferLike | null
  /**
   * Carries `checksum` (inverted, as it is between steps) over the bytes from `start` to `end`. `isOwn`: they lie in
   * `buffer`, which the caller has looked for already.
   */
  readonly update: (checksum: number, bytes: Uint8Array, start: number, end: number, isOwn: boolean) => number
}

function writeTables(memory: ArrayBuffer): void {
  const words = new Uint32Array(memory, 0, TABLES * 256)
  for (let byte = 0; byte < 256; byte++) {
    let word = byte
    for (let bit = 0; bit < 8; bit++) word = (word >>> 1) ^ (word & 1 ? POLYNOMIAL : 0)
    words[byte] = word
  }
  for (let index = 256; index < words.length; index++) {
    const before = words[index - 256] ?? 0
    words[index] = (before >>> 8) ^ (words[before & 0xff] ?? 0)
  }
}

const isUpdate = (value: unknown): value is Update => typeof value === 'function'

/** Null where the system grants no such range of addresses. */
function reserveMemory(pages: number): WasmMemory | null {
  try {
    return new wasm.Memory({ initial: pages, maximum: pages })
  } catch {
    return null
  }
}

/** In WebAssembly: ten times the JavaScript one, and no native addon. The module's method is in scripts/build-crc32c.ts. */
export function wasmEngine(openBytes = SMALL_OPEN_BYTES): Engine | null {
  const code = Buffer.from(CRC32C_MODULE_BASE64, 'base64')
  const memory = wasm.validate(code) ? reserveMemory(memoryPages(openBytes)) : null
  if (memory === null) return null
  const { update } = new wasm.Instance(new wasm.Module(code), { env: { memory } }).exports
  if (!isUpdate(update)) return null
  const { buffer } = memory
  writeTables(buffer)
  const scratch = new Uint8Array(buffer, SCRATCH_AT, SCRATCH_BYTES)
  return {
    memory: new Uint8Array(buffer, OPEN_AT, openBytes),
    buffer,
    update(checksum, bytes, start, end, isOwn) {
      // A view of the part would cost as much as the checksum of a small batch.
      if (isOwn) return update(bytes.byteOffset + start, end - start, checksum)
      let carried = checksum
      for (let at = start; at < end; at += SCRATCH_BYTES) {
        const part = bytes.subarray(at, Math.min(end, at + SCRATCH_BYTES))
        scratch.set(part)
        carried = update(SCRATCH_AT, part.length, carried)
      }
      return carried
    },
  }
}

/** Where there is no WebAssembly SIMD. */
export function javascriptEngine(): Engine {
  const { buf }: { buf(bytes: Uint8Array, seed: number): number } = requirePackage('crc-32/crc32c')
  // Its seed and result are the finished checksum, so both are inverted.
  return {
    memory: null,
    buffer: null,
    update: (checksum, bytes, start, end) => ~buf(bytes.subarray(start, end), ~checksum),
  }
}

const engine = lazily((): Engine => wasmEngine() ?? javascriptEngine())

/**
 * A second one with much memory, which V8 counts as if it were in use: made at the start it would cost a garbage collection
 * there, 5 to 9 ms of processor time, and many brokers never receive a request so large.
 */
let large: Engine | null = null

/** CRC-32C (Castagnoli) of `bytes` from `start` to `end`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  assert(start >= 0 && start <= end && end <= bytes.length, 'a checksum of bytes that are there')
  // Whose memory a view is of takes longer to find out than reading a small batch: it is asked once.
  const { buffer } = bytes
  const { update, buffer: own } = large !== null && large.buffer === buffer ? large : engine()
  return ~update(-1, bytes, start, end, own === buffer) >>> 0
}

/**
 * 64 KiB of the module's own memory, for a receive buffer: `crc32c` reads bytes in it in place, which saves copying them.
 * Null where `crc32c` runs without WebAssembly.
 */
export function crc32cMemory(): Uint8Array | null {
  return engine().memory
}

/**
 * The same, 64 MiB for large requests; made when it is first asked for. It costs only the pages that are touched. Null also
 * where the system grants no such range of addresses.
 */
export function largeCrc32cMemory(): Uint8Array | null {
  if (engine().memory === null) return null
  large ??= wasmEngine(LARGE_OPEN_BYTES)
  return large?.memory ?? null
}
