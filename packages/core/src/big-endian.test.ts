import {
  clampedInt64At,
  int16At,
  int32At,
  int64At,
  requireBytes,
  setInt16At,
  setInt32At,
  setInt64At,
  setSafeInt64At,
  uint32At,
} from './big-endian.ts'
import { offsetFromWire } from './ids.ts'
import { SeededPrng } from './prng.ts'

const SEED = Number(process.env['SEED'] ?? 20261201)

const INT64_EDGES = [
  0n,
  1n,
  -1n,
  255n,
  -256n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 53n - 1n,
  2n ** 53n,
  1n - 2n ** 53n,
  -(2n ** 53n),
  2n ** 63n - 1n,
  -(2n ** 63n),
]

/** The truth: what Node's DataView says. */
function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

test(`random bytes are read as a DataView reads them (SEED=${SEED})`, () => {
  const prng = new SeededPrng(SEED)
  for (let round = 0; round < 2000; round++) {
    const bytes = Uint8Array.from({ length: 24 }, () => prng.below(256)).subarray(3)
    const view = viewOf(bytes)
    const at = prng.below(10)
    expect([int16At(bytes, at), int32At(bytes, at), uint32At(bytes, at), int64At(bytes, at)]).toEqual([
      view.getInt16(at),
      view.getInt32(at),
      view.getUint32(at),
      view.getBigInt64(at),
    ])
  }
})

test.each(INT64_EDGES)('%d comes back as it was written', (value) => {
  const bytes = new Uint8Array(10)
  setInt64At(bytes, 1, value)
  expect(viewOf(bytes).getBigInt64(1)).toBe(value)
  expect(int64At(bytes, 1)).toBe(value)
  expect(clampedInt64At(bytes, 1)).toBe(offsetFromWire(value))
  expect([bytes[0], bytes[9]]).toEqual([0, 0])
})

test.each([
  0,
  1,
  -1,
  0x7fff_ffff,
  0x8000_0000,
  2 ** 32,
  -(2 ** 32) - 1,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
])('%d is written as the int64 that it is', (value) => {
  const bytes = new Uint8Array(8)
  setSafeInt64At(bytes, 0, value)
  expect(viewOf(bytes).getBigInt64(0)).toBe(BigInt(value))
})

test('smaller fields are written as a DataView writes them', () => {
  const [written, wanted] = [new Uint8Array(8), new Uint8Array(8)]
  for (const value of [0, 1, -1, 0x7fff_ffff, -0x8000_0000, 0xffff_ffff, 0x1234_5678]) {
    setInt32At(written, 0, value)
    setInt16At(written, 5, value)
    viewOf(wanted).setInt32(0, value)
    viewOf(wanted).setInt16(5, value)
    expect(written).toEqual(wanted)
  }
})

test('what is not there is refused', () => {
  expect(() => requireBytes(new Uint8Array(8), 4, 4)).not.toThrow()
  expect(() => requireBytes(new Uint8Array(8), 4, 5)).toThrow('5 bytes at 4 are not within 8')
  expect(() => requireBytes(new Uint8Array(8), -1, 4)).toThrow(RangeError)
})
