/** 32 bits, seven a byte. */
export const unsignedVarintBytesMax = 5

/** Bytes that `value`, taken as unsigned 32 bits, needs: seven bits a byte. */
export function unsignedVarintSize(value: number): number {
  const unsigned = value >>> 0
  if (unsigned < 0x80) return 1
  if (unsigned < 0x4000) return 2
  if (unsigned < 0x20_0000) return 3
  return unsigned < 0x1000_0000 ? 4 : 5
}
