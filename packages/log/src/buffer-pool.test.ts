import { ManualClock } from '@odradek/core'
import { BufferPool, MIDDLE_BYTES_MAX } from './buffer-pool.ts'

const MEGABYTE = 1024 * 1024

describe('the buffer pool', () => {
  it('gives power-of-two sizes, and the same buffer again', () => {
    const pool = new BufferPool()
    expect([0, 1, 4096, 4097, 65_536, MEGABYTE + 1].map((size) => pool.take(size).byteLength)).toEqual([
      4096,
      4096,
      4096,
      8192,
      65_536,
      2 * MEGABYTE,
    ])
    const buffer = pool.take(5000)
    pool.give(buffer)
    expect(pool.take(8192)).toBe(buffer)
    expect(pool.take(8192)).not.toBe(buffer)
  })

  it('keeps no more than 32 MB, and nothing larger than 16 MB', () => {
    const pool = new BufferPool()
    const buffers = Array.from({ length: 3 }, () => pool.take(16 * MEGABYTE))
    for (const buffer of buffers) pool.give(buffer)
    const again = Array.from({ length: 3 }, () => pool.take(16 * MEGABYTE))
    expect(again.filter((buffer) => buffers.includes(buffer))).toHaveLength(2)
    const huge = pool.take(16 * MEGABYTE + 1)
    expect(huge.byteLength).toBe(16 * MEGABYTE + 1)
    pool.give(huge)
    expect(pool.take(16 * MEGABYTE + 1)).not.toBe(huge)
  })

  it('makes large buffers, and those of middle size past what is usual, in memory that they share', () => {
    const pool = new BufferPool(new ManualClock())
    const usual = Array.from({ length: MIDDLE_BYTES_MAX / MEGABYTE }, () => pool.take(MEGABYTE))
    const [first, second] = [pool.take(MEGABYTE), pool.take(50 * MEGABYTE)]
    expect(first.buffer).toBe(second.buffer)
    expect(new Set(usual.map(({ buffer }) => buffer)).has(first.buffer)).toBe(false)
    pool.give(first)
    pool.give(second)
    expect(pool.take(17 * MEGABYTE).buffer).toBe(first.buffer)
    for (const buffer of usual) pool.give(buffer)
    expect(usual).toContain(pool.take(MEGABYTE))
  })

  it('without a clock makes them one by one', () => {
    const pool = new BufferPool()
    expect(pool.take(17 * MEGABYTE).buffer).not.toBe(pool.take(17 * MEGABYTE).buffer)
  })

  it('is ready for what is small, and for more where a buffer was given back', () => {
    const pool = new BufferPool()
    expect([pool.isReady(MEGABYTE / 2), pool.isReady(MEGABYTE / 2 + 1)]).toEqual([true, false])
    pool.give(pool.take(MEGABYTE))
    expect([pool.isReady(MEGABYTE), pool.isReady(MEGABYTE + 1), pool.isReady(17 * MEGABYTE)]).toEqual([
      true,
      false,
      false,
    ])
  })
})
