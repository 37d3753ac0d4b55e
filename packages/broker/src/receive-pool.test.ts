import { REGION_BUFFER_BYTES_MIN } from './limits.ts'
import { ReceivePool } from './receive-pool.ts'

test('buffers have the next power of two', () => {
  const pool = new ReceivePool()
  expect([1, 1024, 1025, 65_536, 1_048_600].map((bytes) => pool.take(bytes).length)).toEqual([
    1024, 1024, 2048, 65_536, 2_097_152,
  ])
})

test('what was given back is given out again, to one at a time', () => {
  const pool = new ReceivePool()
  const buffer = pool.take(5000)
  pool.give(buffer)
  expect(pool.take(8000)).toBe(buffer)
  expect(pool.take(8000)).not.toBe(buffer)
})

test('idle buffers are kept up to the bound', () => {
  const pool = new ReceivePool(undefined, 4096)
  const [first, second, third] = [pool.take(2048), pool.take(2048), pool.take(2048)]
  pool.give(first)
  pool.give(second)
  pool.give(third)
  const again = [pool.take(2048), pool.take(2048), pool.take(2048)]
  expect(again).toContain(first)
  expect(again).toContain(second)
  expect(again).not.toContain(third)
})

test('large buffers come from the region while it has room, without overlap, and go back to it', () => {
  const region = Buffer.alloc(2 * REGION_BUFFER_BYTES_MIN)
  const pool = new ReceivePool(() => region, 0)
  const taken = [1, 2, 3].map(() => pool.take(REGION_BUFFER_BYTES_MIN))
  expect(taken.map(({ buffer }) => buffer === region.buffer)).toEqual([true, true, false])
  expect(taken[1]?.byteOffset).toBe((taken[0]?.byteOffset ?? 0) + REGION_BUFFER_BYTES_MIN)
  for (const buffer of taken) pool.give(buffer)
  const again = [pool.take(REGION_BUFFER_BYTES_MIN), pool.take(REGION_BUFFER_BYTES_MIN)]
  expect(again.every(({ buffer }) => buffer === region.buffer)).toBe(true)
  expect(pool.take(1024).buffer).not.toBe(region.buffer)
})

test('the region is made for the first large buffer, once', () => {
  let made = 0
  const pool = new ReceivePool(() => {
    made++
    return Buffer.alloc(4 * REGION_BUFFER_BYTES_MIN)
  })
  pool.take(REGION_BUFFER_BYTES_MIN / 2)
  expect(made).toBe(0)
  pool.take(REGION_BUFFER_BYTES_MIN)
  pool.take(REGION_BUFFER_BYTES_MIN)
  expect(made).toBe(1)
})
