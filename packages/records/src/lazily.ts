import { createRequire } from 'node:module'

/**
 * For packages that are loaded at their first use. The native and WASM codecs cost 5 to 20 ms each, and a broker that
 * never meets lz4 never needs lz4-napi. `createRequire` is the form that works unchanged in jest (CommonJS), under tsx
 * and in the ESM bundle, where these packages are external.
 */
export const requirePackage = createRequire(import.meta.url)

/** Calls `load` once, when its value is first asked for. */
export function lazily<T extends object>(load: () => T): () => T {
  let loaded: T | null = null
  return () => {
    loaded ??= load()
    return loaded
  }
}
