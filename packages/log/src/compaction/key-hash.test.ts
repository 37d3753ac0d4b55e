import { KeyHash } from './key-hash.ts'

// Published with the reference implementations of Chaskey (8 rounds) and Chaskey-12: the code of the bytes 0, 1, 2 … of each
// length, for lengths on both sides of words and blocks.
const KEY = Uint8Array.from(Buffer.from(Uint32Array.of(0x833d3433, 0x009f389f, 0x2398e64f, 0x417acf39).buffer))
const VECTORS: readonly [rounds: number, length: number, code: string][] = [
  [8, 0, '792e8fe5 75ce87aa 2d1450b5 1191970b'],
  [8, 1, '13a9307b 50e62c89 4577bd88 c0bbdc18'],
  [8, 16, '79271ca9 d66a1c71 81ca474e 49831cad'],
  [8, 63, '9047fad7 88136d8c a488286b 7fe9352c'],
  [12, 0, '43cb1f41 51eba0c2 ff0a8ac3 7ee3f642'],
  [12, 1, 'f9ac2067 9c35a846 441aad3d 777b7330'],
  [12, 3, '8c5e6ab9 5035adfb bff69f98 965516d9'],
  [12, 4, '0b2b62db 1e9e3f50 a1b8dcad b4279ae0'],
  [12, 15, '03cfb44b 283c8163 fca71448 c40a0aea'],
  [12, 16, '5dd0e2a9 fb5eac8c 633a392e 500c36f3'],
  [12, 17, '8b5f6d5a 202314f6 22092368 9639e606'],
  [12, 32, '77962784 07c647fa dd752c0f d2f5a799'],
  [12, 33, 'd74bb867 2c0dfb3a b697e9cd 5658edda'],
  [12, 63, '2dd072e1 42b89efe fb26b615 049aa451'],
]

it.each(VECTORS)('is Chaskey of %i rounds, for %i bytes', (rounds, length, code) => {
  const hash = new KeyHash(KEY, rounds)
  const bytes = Uint8Array.from({ length: length + 5 }, (_, index) => index - 5)
  hash.of(bytes, 5, length)
  const words = [hash.h0, hash.h1, hash.h2, hash.h3].map((word) => (word >>> 0).toString(16).padStart(8, '0'))
  expect(words.join(' ')).toBe(code)
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
