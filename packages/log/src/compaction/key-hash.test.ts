import { KeyHash } from './key-hash.ts'

// From the reference implementation of Chaskey-8: the code of the bytes 0, 1, 2 … of each length.
const KEY = Uint8Array.from(Buffer.from(Uint32Array.of(0x833d3433, 0x009f389f, 0x2398e64f, 0x417acf39).buffer))
const VECTORS = [
  [0x792e8fe5, 0x75ce87aa, 0x2d1450b5, 0x1191970b],
  [0x13a9307b, 0x50e62c89, 0x4577bd88, 0xc0bbdc18],
]

it('is Chaskey', () => {
  const hash = new KeyHash(KEY, 8)
  for (const [length, expected] of VECTORS.entries()) {
    hash.of(
      Uint8Array.from({ length }, (_, index) => index),
      0,
      length,
    )
    expect([hash.h0, hash.h1, hash.h2, hash.h3].map((word) => word >>> 0)).toEqual(expected)
  }
})

it('differs by every bit, every length and every key', () => {
  const seen = new Set<string>()
  let count = 0
  const note = (key: Uint8Array, bytes: Uint8Array, from: number, length: number) => {
    const hash = new KeyHash(key)
    hash.of(bytes, from, length)
    seen.add([hash.h0, hash.h1, hash.h2, hash.h3].join())
    count++
  }
  for (let length = 0; length < 50; length++) note(KEY, new Uint8Array(60), 3, length)
  for (let bit = 0; bit < 50 * 8; bit++) {
    const bytes = new Uint8Array(60)
    bytes[3 + (bit >>> 3)] = 1 << (bit & 7)
    note(KEY, bytes, 3, 50)
  }
  for (let bit = 0; bit < 128; bit++) {
    const key = Uint8Array.from(KEY)
    key[bit >>> 3]! ^= 1 << (bit & 7)
    note(key, new Uint8Array(60), 3, 20)
  }
  expect(seen.size).toBe(count)
})
