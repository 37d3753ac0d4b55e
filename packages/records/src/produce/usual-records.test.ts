import { SeededPrng, timestamp } from '@odradek/core'
import { buildBatch } from '../batch-builder.ts'
import { BATCH_HEADER_BYTES } from '../batch-header.ts'
import { Cursor } from '../cursor.ts'
import { RecordScanner } from '../record-scanner.ts'
import { type UsualRecords, usualRecords } from './usual-records.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000)
const BASE_MS = 1_760_000_000_000n
const ROUNDS = 4000

/** The same by the reader of any records; null where it, or what they say, is not of the usual kind. */
function slowly(bytes: Uint8Array, count: number): UsualRecords | null {
  const scanner = new RecordScanner(new Cursor(bytes, 0, bytes.length), 'plain')
  const deltas: number[] = []
  let hasNullKey = false
  try {
    for (let index = 0; index < count; index++) {
      scanner.read()
      if (scanner.offsetDelta !== index) return null
      deltas.push(Number(scanner.timestampDelta))
      if (scanner.keyLength < 0) hasNullKey = true
    }
    scanner.expectEnd()
  } catch {
    return null
  }
  if (!scanner.isUsual) return null
  return {
    firstTimestampDelta: deltas[0] ?? 0,
    leastTimestampDelta: Math.min(...deltas),
    largestTimestampDelta: Math.max(...deltas),
    hasNullKey,
  }
}

/** Records of a plain batch, without its header. */
function recordsIn(prng: SeededPrng, count: number): Uint8Array {
  const bytes = (below: number) => Buffer.alloc(prng.below(below), 'x')
  const records = Array.from({ length: count }, (_, index) => ({
    timestamp: timestamp(BASE_MS + BigInt(index === 0 ? 0 : prng.below(4000) - 2000)),
    key: prng.below(4) === 0 ? null : bytes(20),
    value: prng.below(8) === 0 ? null : bytes(prng.below(10) === 0 ? 20_000 : 100),
    headers: Array.from({ length: prng.below(3) }, () => ({ key: bytes(9), value: prng.below(3) ? bytes(9) : null })),
  }))
  return buildBatch({ records }).subarray(BATCH_HEADER_BYTES)
}

test(`records as producers write them are usual, and what is said of them is true (SEED=${seed})`, () => {
  const prng = new SeededPrng(seed)
  for (let round = 0; round < 500; round++) {
    const count = 1 + prng.below(130)
    const bytes = recordsIn(prng, count)
    const found = usualRecords(bytes, 0, bytes.length, count)
    expect(found).not.toBeNull()
    expect(found).toEqual(slowly(bytes, count))
  }
})

test(`with bytes changed, nothing is called usual that the reader refuses (SEED=${seed})`, () => {
  const prng = new SeededPrng(seed)
  let usual = 0
  for (let round = 0; round < ROUNDS; round++) {
    const count = 1 + prng.below(4)
    const bytes = Buffer.from(recordsIn(prng, count))
    for (let change = prng.below(3); change >= 0; change--)
      bytes[prng.below(Math.min(40, bytes.length))] = prng.below(256)
    const cut = prng.below(10) === 0 ? bytes.subarray(0, prng.below(bytes.length)) : bytes
    const claimed = prng.below(10) === 0 ? count + 1 : count
    const found = usualRecords(cut, 0, cut.length, claimed)
    if (found === null) continue
    usual++
    expect(found).toEqual(slowly(cut, claimed))
  }
  expect(usual).toBeGreaterThan(ROUNDS / 20)
  expect(usual).toBeLessThan(ROUNDS)
})

const HEAD = [14, 0, 0, 0, 1, 2, 0x41, 0]

test('one record, and each of its numbers made something else', () => {
  const judge = (at: number, value: number) => {
    const bytes = Uint8Array.from(HEAD)
    bytes[at] = value
    return usualRecords(bytes, 0, bytes.length, 1)
  }
  expect(judge(7, 0)).toEqual({
    ...{ firstTimestampDelta: 0, leastTimestampDelta: 0, largestTimestampDelta: 0 },
    hasNullKey: true,
  })
  // Length, attributes, a time that goes on, offset, key of -2, value of -1 with a byte left over, headers.
  for (const [at, value] of [
    [0, 12],
    [0, 16],
    [1, 1],
    [2, 0x80],
    [3, 2],
    [4, 3],
    [5, 1],
    [7, 2],
    [7, 1],
  ] as const)
    expect(judge(at, value)).toBeNull()
})

test('numbers up to 20 bits, and one past them', () => {
  const withDelta = (delta: bigint) => {
    const records = [0n, delta].map((more) => ({ timestamp: timestamp(BASE_MS + more), key: null, value: null }))
    const bytes = buildBatch({ records }).subarray(BATCH_HEADER_BYTES)
    return usualRecords(bytes, 0, bytes.length, 2)?.largestTimestampDelta
  }
  expect(withDelta(2n ** 20n - 1n)).toBe(2 ** 20 - 1)
  expect(withDelta(2n ** 20n)).toBeUndefined()
})
