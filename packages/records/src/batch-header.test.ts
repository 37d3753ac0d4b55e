import { leaderEpoch, offset } from '@odradek/core'
import { BATCH_HEADER_BYTES, batchSizeAt, isBatchIntact, patchBatch, readBatchHeader } from './batch-header.ts'

/** Two records of 1,700,000,000,000 and one millisecond later, as Kafka writes them. */
const batch = Buffer.from(
  `0000000000000000 00000048 ffffffff 02 e70f5111 0000 00000001 0000018bcfe56800 0000018bcfe56801 ffffffffffffffff
   ffff ffffffff 00000002 0e00000001026100 1c000202026b010402680276026e01`.replaceAll(/\s/g, ''),
  'hex',
)

test('a header is read from where it begins', () => {
  const moved = Buffer.concat([Buffer.alloc(7), batch])
  expect(readBatchHeader(moved, 7)).toEqual({
    baseOffset: 0,
    sizeBytes: 84,
    partitionLeaderEpoch: -1,
    crc: 0xe70f5111,
    attributes: 0,
    codec: 0,
    timestampType: 'CreateTime',
    isTransactional: false,
    isControl: false,
    hasDeleteHorizon: false,
    lastOffsetDelta: 1,
    baseTimestamp: 1_700_000_000_000n,
    maxTimestamp: 1_700_000_000_001n,
    producerId: -1n,
    producerEpoch: -1,
    baseSequence: -1,
    recordsCount: 2,
  })
  expect(isBatchIntact(moved, 7, 84)).toBe(true)
})

test('61 bytes are a header, 60 are none', () => {
  expect(readBatchHeader(batch.subarray(0, BATCH_HEADER_BYTES)).recordsCount).toBe(2)
  expect(() => readBatchHeader(batch.subarray(0, BATCH_HEADER_BYTES - 1))).toThrow(RangeError)
})

test('12 bytes tell the size, 11 do not', () => {
  expect(batchSizeAt(batch.subarray(0, 12), 0)).toBe(84)
  expect(batchSizeAt(batch.subarray(0, 11), 0)).toBeNull()
})

test('base offset and leader epoch are outside the checksum, everything after them is inside', () => {
  const copy = Buffer.from(batch)
  patchBatch(copy, 0, offset(2 ** 52 + 1), leaderEpoch(7))
  expect(readBatchHeader(copy)).toMatchObject({ baseOffset: 2 ** 52 + 1, partitionLeaderEpoch: 7 })
  expect(isBatchIntact(copy, 0, copy.length)).toBe(true)
  for (let at = 17; at < batch.length; at++) {
    const broken = Buffer.from(batch)
    broken[at]! ^= 1
    expect(isBatchIntact(broken, 0, broken.length)).toBe(false)
  }
})

test('what is too short for a header is not intact', () => {
  expect(isBatchIntact(batch, 0, 60)).toBe(false)
})
