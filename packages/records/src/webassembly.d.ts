/** The part of WebAssembly that this package uses: Node has it, but @types/node leaves it to the DOM's types. */
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>
  type Exports = Record<string, unknown>

  class Module {
    constructor(bytes: Uint8Array)
  }

  class Instance {
    readonly exports: Exports
    constructor(module: Module, imports?: Imports)
  }

  class Memory {
    readonly buffer: ArrayBuffer
    constructor(descriptor: { initial: number; maximum?: number })
  }

  function validate(bytes: Uint8Array): boolean
}
