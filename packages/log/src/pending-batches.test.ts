import { BufferPool } from './buffer-pool.ts'
import { COPIED_BATCH_BYTES_MAX, PENDING_BYTES_MAX, PendingBatches } from './pending-batches.ts'

const facts = (sizeBytes: number) => ({ lastOffset: 0, maxTimestamp: 0n, sizeBytes, isMaxTimestampTrusted: true })

/** What is written of batches of these sizes, each filled with its number. */
function written(pending: PendingBatches, sizes: readonly number[]): Buffer {
  for (const [index, size] of sizes.entries()) pending.add(new Uint8Array(size).fill(index + 1), facts(size))
  return Buffer.concat(pending.buffers(null))
}

const expected = (sizes: readonly number[]): Buffer =>
  Buffer.concat(sizes.map((size, index) => new Uint8Array(size).fill(index + 1)))

describe('batches that wait for the end of a tick', () => {
  it('are written one behind the other, wherever their buffer had to grow', () => {
    const pending = new PendingBatches(new BufferPool())
    for (const sizes of [
      [4096, 1],
      [4095, 2, 60_000],
      [COPIED_BATCH_BYTES_MAX - 1, 100_000],
      [1, 200_000],
    ]) {
      expect(written(pending, sizes).equals(expected(sizes))).toBe(true)
      expect(pending.facts.map(({ sizeBytes }) => sizeBytes)).toEqual(sizes)
      pending.clear()
    }
    expect(pending.buffers(null)).toEqual([])
  })

  it('take 256 KB and no byte more', () => {
    const pending = new PendingBatches(new BufferPool())
    const half = PENDING_BYTES_MAX / 2
    expect(written(pending, [half, half]).equals(expected([half, half]))).toBe(true)
    expect([pending.hasRoomFor(0), pending.hasRoomFor(1)]).toEqual([true, false])
    expect(() => pending.add(new Uint8Array(1), facts(1))).toThrow('room for a small batch')
  })

  it('hold a buffer of little more than they need, and give it back', () => {
    const pool = new BufferPool()
    const pending = new PendingBatches(pool)
    const taken = jest.spyOn(pool, 'take')
    const given = jest.spyOn(pool, 'give')
    written(pending, [100])
    expect(taken.mock.results.map(({ value }) => value.length)).toEqual([4096])
    pending.clear()
    expect(given).toHaveBeenCalledTimes(1)
    written(pending, [5000, 100, 5000, 30_000])
    pending.clear()
    expect(taken.mock.results.map(({ value }) => value.length)).toEqual([4096, 8192, 32_768, 131_072])
    expect(given).toHaveBeenCalledTimes(4)
  })

  it('begin with as much as the last write took, and with less after a smaller one', () => {
    const pool = new BufferPool()
    const pending = new PendingBatches(pool)
    const taken = jest.spyOn(pool, 'take')
    for (const sizes of [[60_000, 60_000], [1, 60_000], [1], [1]]) {
      written(pending, sizes)
      pending.clear()
    }
    expect(taken.mock.results.map(({ value }) => value.length)).toEqual([65_536, 262_144, 131_072, 65_536, 4096])
  })
})
