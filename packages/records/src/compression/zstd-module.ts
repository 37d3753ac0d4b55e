import { readFileSync } from 'node:fs'
import { lazily, requirePackage } from '../lazily.ts'
import { type WasmImports, type WasmInstance, type WasmModule, wasm } from '../web-assembly.ts'

/** The C functions that @foxglove/wasm-zstd is built with. Pointers are positions in HEAPU8, 0 when memory is out. */
export interface ZstdModule {
  /** Replaced whenever the memory grows: read it anew after each call. */
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(pointer: number): void
  _compressBound(bytes: number): number
  /** The bytes written, or -1. */
  _compress(target: number, targetBytes: number, source: number, sourceBytes: number, level: number): number
  /** The bytes written, or -1: corrupt, or more than `targetBytes`. Takes several frames. */
  _decompress(target: number, targetBytes: number, source: number, sourceBytes: number): number
}

/** What Emscripten asks for when it is to start synchronously. */
type Start = (imports: WasmImports, receive: (instance: WasmInstance, module: WasmModule) => void) => unknown
type Factory = (module: { instantiateWasm: Start }) => unknown

const compiled = lazily(
  () => new wasm.Module(readFileSync(requirePackage.resolve('@foxglove/wasm-zstd/dist/wasm-zstd.wasm'))),
)
const factory = lazily((): Factory => requirePackage('@foxglove/wasm-zstd/dist/wasm-zstd.js'))

const isReady = (module: object): module is ZstdModule => '_decompress' in module && 'HEAPU8' in module

/**
 * A new instance, ready at once. The package's own entry loads asynchronously; a batch that must be opened cannot wait
 * for that without losing its place among the requests, hence Emscripten's hook for a synchronous start (about 7 ms).
 */
export function instantiateZstd(): ZstdModule {
  const instantiateWasm: Start = (imports, receive) => {
    const instance = new wasm.Instance(compiled(), imports)
    receive(instance, compiled())
    return instance.exports
  }
  const module = { instantiateWasm }
  factory()(module)
  if (!isReady(module)) throw new Error('@foxglove/wasm-zstd did not start synchronously: is it another version?')
  return module
}
