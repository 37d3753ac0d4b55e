import { RecordsError } from '../records-error.ts'
import { codecFor } from './codecs.ts'
import { unpack } from './unpack.ts'

const plain = Buffer.from('abc'.repeat(1000))
const packed: readonly [number, Uint8Array][] = [
  [0, plain],
  [1, codecFor('gzip', 2).compress(plain)],
  [2, codecFor('snappy', 2).compress(plain)],
  [3, codecFor('lz4', 2).compress(plain)],
  [4, codecFor('zstd', 2).compress(plain)],
]

test.each(packed)('codec %i, up to its limit', (codecId, bytes) => {
  expect(Buffer.compare(unpack(codecId, bytes, plain.length), plain)).toBe(0)
  expect(() => unpack(codecId, bytes, plain.length - 1)).toThrow(RecordsError)
})

test('a number that no codec has', () => {
  expect(() => unpack(5, plain, 10_000)).toThrow(/5/)
})
