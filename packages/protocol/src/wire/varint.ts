/** An unsigned varint has at most 5 bytes (32 bits), a varlong at most 10 (64 bits). */
export const unsignedVarintBytesMax = 5
export const varlongBytesMax = 10

/** Bytes that `value`, taken as unsigned 32 bits, needs: seven bits a byte. */
export function unsignedVarintSize(value: number): number {
  const unsigned = value >>> 0
  if (unsigned < 0x80) return 1
  if (unsigned < 0x4000) return 2
  if (unsigned < 0x20_0000) return 3
  return unsigned < 0x1000_0000 ? 4 : 5
}

/** Maps small numbers of either sign to small unsigned ones: 0, -1, 1, -2 become 0, 1, 2, 3. */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

export function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1)
}

export function zigzagLong(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
}

export function unzigzagLong(value: bigint): bigint {
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
}

export function varintSize(value: number): number {
  return unsignedVarintSize(zigzag(value))
}

export function varlongSize(value: bigint): number {
  let rest = zigzagLong(value)
  let size = 1
  while (rest >= 0x80n) {
    rest >>= 7n
    size++
  }
  return size
}
