import { SeededPrng } from '@odradek/core'
import { crc32c, crc32cMemory, javascriptEngine, largeCrc32cMemory, wasmEngine } from './crc32c.ts'
import { CHUNK_VECTORS, FOLD_STAGES, remainderBytes, SCRATCH_BYTES, SMALL_OPEN_BYTES } from './crc32c-layout.ts'
import { requirePackage } from './lazily.ts'

const { buf }: { buf(bytes: Uint8Array): number } = requirePackage('crc-32/crc32c')

const seed = Number(process.env['SEED'] ?? 20_261_101)
const prng = new SeededPrng(seed)
const DATA_BYTES = 1_200_000
const data = Buffer.from(prng.bytes(DATA_BYTES))
const pool = largeCrc32cMemory()!
const stageBorders = FOLD_STAGES.flatMap(({ bytesMin }) => [bytesMin - 1, bytesMin, bytesMin + 1, bytesMin + 16])
const chunkBytes = remainderBytes(16) + CHUNK_VECTORS * 16
const oracle = (start: number, end: number) => buf(data.subarray(start, end)) >>> 0

test('the check value of the polynomial', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283)
  expect(crc32c(new Uint8Array(0))).toBe(0)
})

test(`8000 random lengths and offsets agree with crc-32, copied in and in place (SEED=${seed})`, () => {
  pool.set(data)
  const wrong: string[] = []
  for (let round = 0; round < 8000; round++) {
    const length = prng.below(round % 20 === 0 ? 60_000 : 10_000)
    const start = prng.below(DATA_BYTES - length)
    const expected = oracle(start, start + length)
    if (crc32c(data, start, start + length) !== expected) wrong.push(`copied ${start}+${length}`)
    if (crc32c(pool, start, start + length) !== expected) wrong.push(`in place ${start}+${length}`)
  }
  expect(wrong).toEqual([])
})

test.each([
  ...stageBorders,
  chunkBytes - 1,
  chunkBytes,
  chunkBytes + 16,
  SCRATCH_BYTES - 1,
  SCRATCH_BYTES,
  SCRATCH_BYTES + 1,
  3 * SCRATCH_BYTES + 5,
])('lengths at a border: %i', (length) => {
  pool.set(data)
  expect(crc32c(data, 3, 3 + length)).toBe(oracle(3, 3 + length))
  expect(crc32c(pool, 3, 3 + length)).toBe(oracle(3, 3 + length))
})

test('the small memory is read in place beside the large one', () => {
  const small = crc32cMemory()!
  expect(small.length).toBe(SMALL_OPEN_BYTES)
  expect(small.buffer).not.toBe(pool.buffer)
  small.set(data.subarray(0, SMALL_OPEN_BYTES))
  pool.fill(0, 0, SMALL_OPEN_BYTES)
  expect(crc32c(small)).toBe(oracle(0, SMALL_OPEN_BYTES))
  expect(crc32c(small, 5, 20_000)).toBe(oracle(5, 20_000))
})

test('computing a checksum leaves the pool alone', () => {
  const first = pool.subarray(0, 1_000_000)
  const last = pool.subarray(-1_000_000)
  const filled = Buffer.alloc(1_000_000, 0xa5)
  first.set(filled)
  last.set(filled)
  crc32c(data)
  expect(Buffer.compare(first, filled)).toBe(0)
  expect(Buffer.compare(last, filled)).toBe(0)
})

test('the engine without WebAssembly gives the same, carried on from any state', () => {
  const { memory, update } = javascriptEngine()
  expect(memory).toBeNull()
  const halfway = update(-1, data, 0, 777, false)
  expect(halfway | 0).toBe(wasmEngine()!.update(-1, data, 0, 777, false))
  expect(~update(halfway, data, 777, 9999, false) >>> 0).toBe(oracle(0, 9999))
})
