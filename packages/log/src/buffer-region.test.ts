import { BufferRegion, PAGE_BYTES } from './buffer-region.ts'

test('gives runs of pages side by side, until there is none that is long enough', () => {
  const region = new BufferRegion(4 * PAGE_BYTES)
  const first = region.take(PAGE_BYTES + 1)
  const second = region.take(1)
  expect(first?.byteLength).toBe(PAGE_BYTES + 1)
  expect((second?.byteOffset ?? 0) - (first?.byteOffset ?? 0)).toBe(2 * PAGE_BYTES)
  expect(region.take(PAGE_BYTES + 1)).toBeNull()
  expect(region.take(PAGE_BYTES)?.byteLength).toBe(PAGE_BYTES)
  expect(region.take(1)).toBeNull()
})

test('what was given back is given out again, from the front', () => {
  const region = new BufferRegion(3 * PAGE_BYTES)
  const [first, second] = [region.take(PAGE_BYTES), region.take(PAGE_BYTES)]
  if (first === null || second === null) throw new Error('there is room for two')
  region.give(first)
  expect(region.take(1)?.byteOffset).toBe(first.byteOffset)
  expect(region.isUnused).toBe(false)
  region.give(first)
  region.give(second)
  expect(region.isUnused).toBe(true)
  expect(region.take(3 * PAGE_BYTES)?.byteOffset).toBe(first.byteOffset)
})

test('knows its own, each once', () => {
  const region = new BufferRegion(2 * PAGE_BYTES)
  const buffer = region.take(PAGE_BYTES)
  if (buffer === null) throw new Error('there is room')
  expect([region.owns(buffer), region.owns(Buffer.alloc(PAGE_BYTES))]).toEqual([true, false])
  region.give(buffer)
  expect(() => region.give(buffer)).toThrow('once')
})
