import { ManualClock } from '@odradek/core'
import { LargeBuffers, REGION_BYTES, REGION_IDLE_MS } from './large-buffers.ts'

let clock: ManualClock
let buffers: LargeBuffers

beforeEach(() => {
  clock = new ManualClock()
  buffers = new LargeBuffers(clock)
})

function taken(sizeBytes: number): Buffer {
  const buffer = buffers.take(sizeBytes)
  if (buffer === null) throw new Error(`nothing of ${sizeBytes} bytes`)
  return buffer
}

test('many are of one piece of memory, and the next of another when it is full', () => {
  const quarters = Array.from({ length: 5 }, () => taken(REGION_BYTES / 4))
  const memories = quarters.map(({ buffer }) => buffer)
  expect(new Set(memories.slice(0, 4)).size).toBe(1)
  expect(memories[4]).not.toBe(memories[0])
})

test('of a whole piece there is one, and of a byte more none', () => {
  expect(buffers.take(REGION_BYTES)?.byteLength).toBe(REGION_BYTES)
  expect(buffers.take(REGION_BYTES + 1)).toBeNull()
})

test('memory that nobody uses is kept for a while, and then no more', () => {
  const first = taken(10)
  expect(buffers.give(first)).toBe(true)
  clock.advance(REGION_IDLE_MS - 1)
  const second = taken(10)
  expect(second.buffer).toBe(first.buffer)
  clock.advance(1)
  buffers.give(second)
  clock.advance(REGION_IDLE_MS - 1)
  expect(taken(10).buffer).toBe(first.buffer)
  clock.advance(REGION_IDLE_MS)
  expect(taken(10).buffer).toBe(first.buffer)
})

test('after it, it is other memory', () => {
  const first = taken(10)
  buffers.give(first)
  clock.advance(REGION_IDLE_MS)
  expect(taken(10).buffer).not.toBe(first.buffer)
  expect(buffers.give(Buffer.alloc(10))).toBe(false)
})
