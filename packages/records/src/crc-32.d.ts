/** The package has types for its other half only. */
declare module 'crc-32/crc32c' {
  export function buf(bytes: Uint8Array, seed?: number): number
}
