/** The part of WebAssembly that this package uses: Node has it, but @types/node leaves it to the DOM's types. */
export type WasmImports = Record<string, Record<string, unknown>>

export interface WasmModule {
  readonly kind?: 'module'
}

export interface WasmInstance {
  readonly exports: Record<string, unknown>
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

interface Api {
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WasmMemory
  validate(bytes: Uint8Array): boolean
}

declare const WebAssembly: Api

export const wasm: Api = WebAssembly
