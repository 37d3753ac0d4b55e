import { BufferPool } from './buffer-pool.ts'

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
})
