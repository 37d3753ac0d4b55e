// Fields of batches and frames, big-endian. A DataView costs more to make than the header it would read: a batch is looked at
// from several sides on its way, each time with one view less. Nor are Buffer's own methods used on that way: whatever a
// typed array inherits (readInt32BE, subarray, byteLength, buffer) Node 20 looks up by a call, 15 to 20 ns (big-endian.bench.ts),
// where later ones inline it; `length` and elements it does not.

/** Eight bytes, seen as the one number they make. */
const scratch = new Uint8Array(8)
const scratchInt64 = new BigInt64Array(scratch.buffer)
/** Where the most significant byte of a number lies in this machine's memory, and which way the others follow. */
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
const FLIP = IS_LITTLE_ENDIAN ? 7 : 0

/** @throws RangeError unless `length` bytes are there from `at` on. */
export function requireBytes(bytes: Uint8Array, at: number, length: number): void {
  if (at < 0 || bytes.length - at < length)
    throw new RangeError(`${length} bytes at ${at} are not within ${bytes.length}`)
}

// Below, bytes past the end read as 0 and are not written: whoever calls has seen that they are there.

export const int16At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) >> 16) | (bytes[at + 1] ?? 0)

export const int32At = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)

export const uint32At = (bytes: Uint8Array, at: number): number => int32At(bytes, at) >>> 0

export function int64At(bytes: Uint8Array, at: number): bigint {
  for (let index = 0; index < 8; index++) scratch[index ^ FLIP] = bytes[at + index] ?? 0
  return scratchInt64[0] ?? 0n
}

/** An int64 as a number; in place of one that a number does not hold exactly the nearest that it does. */
export function clampedInt64At(bytes: Uint8Array, at: number): number {
  const value = int32At(bytes, at) * 2 ** 32 + uint32At(bytes, at + 4)
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value))
}

export function setInt16At(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8
  bytes[at + 1] = value
}

export function setInt32At(bytes: Uint8Array, at: number, value: number): void {
  setInt16At(bytes, at, value >> 16)
  setInt16At(bytes, at + 2, value)
}

export function setInt64At(bytes: Uint8Array, at: number, value: bigint): void {
  scratchInt64[0] = value
  for (let index = 0; index < 8; index++) bytes[at + index] = scratch[index ^ FLIP] ?? 0
}

/** A number that is a whole one of at most 53 bits, as an int64. */
export function setSafeInt64At(bytes: Uint8Array, at: number, value: number): void {
  setInt32At(bytes, at, Math.floor(value / 2 ** 32))
  setInt32At(bytes, at + 4, value | 0)
}
