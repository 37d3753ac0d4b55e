const KEY_BYTES = 16
const BLOCK_BYTES = 16
/** The long-term variant. */
const ROUNDS = 12

/**
 * Chaskey (ISO/IEC 29192-6): a keyed 128-bit code made of 32-bit additions, rotations and exclusive ors, which JavaScript
 * is good at. Two keys of a topic with one code would be taken for the same, and a record lost: with a random key that
 * nobody knows it will not happen, not even to somebody who tries.
 */
export class KeyHash {
  h0 = 0
  h1 = 0
  h2 = 0
  h3 = 0
  private readonly key: Int32Array
  private readonly whole: Int32Array
  private readonly padded: Int32Array
  private readonly rounds: number

  constructor(key: Uint8Array, rounds: number = ROUNDS) {
    const view = new DataView(key.buffer, key.byteOffset, KEY_BYTES)
    this.key = Int32Array.from([0, 4, 8, 12], (at) => view.getInt32(at, true))
    this.whole = twice(this.key)
    this.padded = twice(this.whole)
    this.rounds = rounds
  }

  /** Leaves the code of the bytes in `h0` to `h3`. */
  of(bytes: Uint8Array, from: number, length: number): void {
    const { key } = this
    this.h0 = key[0] ?? 0
    this.h1 = key[1] ?? 0
    this.h2 = key[2] ?? 0
    this.h3 = key[3] ?? 0
    let at = from
    const end = from + length
    for (; end - at > BLOCK_BYTES; at += BLOCK_BYTES) {
      this.mix(wordAt(bytes, at), wordAt(bytes, at + 4), wordAt(bytes, at + 8), wordAt(bytes, at + 12))
      this.permute()
    }
    const isWhole = end - at === BLOCK_BYTES
    const last = isWhole ? this.whole : this.padded
    this.mix(
      lastWord(bytes, at, end),
      lastWord(bytes, at + 4, end),
      lastWord(bytes, at + 8, end),
      lastWord(bytes, at + 12, end),
    )
    this.mix(last[0] ?? 0, last[1] ?? 0, last[2] ?? 0, last[3] ?? 0)
    this.permute()
    this.mix(last[0] ?? 0, last[1] ?? 0, last[2] ?? 0, last[3] ?? 0)
  }

  private mix(m0: number, m1: number, m2: number, m3: number): void {
    this.h0 ^= m0
    this.h1 ^= m1
    this.h2 ^= m2
    this.h3 ^= m3
  }

  private permute(): void {
    let { h0, h1, h2, h3 } = this
    for (let round = 0; round < this.rounds; round++) {
      h0 = (h0 + h1) | 0
      h1 = ((h1 << 5) | (h1 >>> 27)) ^ h0
      h0 = (h0 << 16) | (h0 >>> 16)
      h2 = (h2 + h3) | 0
      h3 = ((h3 << 8) | (h3 >>> 24)) ^ h2
      h0 = (h0 + h3) | 0
      h3 = ((h3 << 13) | (h3 >>> 19)) ^ h0
      h2 = (h2 + h1) | 0
      h1 = ((h1 << 7) | (h1 >>> 25)) ^ h2
      h2 = (h2 << 16) | (h2 >>> 16)
    }
    this.h0 = h0
    this.h1 = h1
    this.h2 = h2
    this.h3 = h3
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}

/** Little end first; after the last byte come a 1 and zeros. */
function lastWord(bytes: Uint8Array, at: number, end: number): number {
  if (end - at >= 4) return wordAt(bytes, at)
  let word = end >= at ? 1 << ((end - at) * 8) : 0
  for (let index = 0; at + index < end; index++) word |= (bytes[at + index] ?? 0) << (index * 8)
  return word
}

/** Times two in the field of 2^128 elements. */
function twice(words: Int32Array): Int32Array {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words
  return Int32Array.of(
    (w0 << 1) ^ (w3 < 0 ? 0x87 : 0),
    (w1 << 1) | (w0 >>> 31),
    (w2 << 1) | (w1 >>> 31),
    (w3 << 1) | (w2 >>> 31),
  )
}
