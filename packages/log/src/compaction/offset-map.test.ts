import { SeededPrng } from '@odradek/core'
import { OffsetMap } from './offset-map.ts'

const SLOT_BYTES = 24

function mapOf(firstOffset: number, endOffset: number, bytesMax = 1_000_000) {
  return new OffsetMap(firstOffset, endOffset, bytesMax, new SeededPrng(1).bytes(16))
}

// A range of so many offsets has no bits, which are another way to the same answers.
it.each([[200], [200_000_000]])('knows the last offset of each key, in a range of %d offsets', (offsets) => {
  const first = 5_000_000_000
  const map = mapOf(first, first + offsets, SLOT_BYTES * 1000)
  const prng = new SeededPrng(7)
  const last = new Map<string, number>()
  const keys: string[] = []
  for (let offset = first; offset < first + 200; offset++) {
    const key = `key ${prng.below(50)}`
    const bytes = Buffer.from(`..${key}..`)
    map.put(bytes, 2, key.length, offset)
    last.set(key, offset)
    keys.push(key)
  }
  expect([map.size, map.latestOffset]).toEqual([last.size, first + 199])
  for (const [index, key] of keys.entries()) {
    const offset = first + index
    expect([key, offset, map.isLast(Buffer.from(key), 0, key.length, offset)]).toEqual([
      key,
      offset,
      last.get(key) === offset,
    ])
    // What lies before the range is superseded by any record of its key in it.
    expect(map.isLast(Buffer.from(key), 0, key.length, first - 1)).toBe(false)
  }
  expect(map.isLast(Buffer.from('other'), 0, 5, first - 1)).toBe(true)
})

it('has a place for an empty key and for offset 0', () => {
  const map = mapOf(0, 10)
  map.put(Buffer.alloc(0), 0, 0, 0)
  expect(map.isLast(Buffer.alloc(0), 0, 0, 0)).toBe(true)
  map.put(Buffer.alloc(0), 0, 0, 3)
  expect([map.size, map.isLast(Buffer.alloc(0), 0, 0, 0), map.isLast(Buffer.alloc(0), 0, 0, 3)]).toEqual([
    1,
    false,
    true,
  ])
})

it('is full at nine tenths of its memory, and takes one key of a very small one', () => {
  const map = mapOf(0, 1000, SLOT_BYTES * 100)
  for (let offset = 0; !map.isFull; offset++) map.put(Buffer.from(`${offset}`), 0, `${offset}`.length, offset)
  expect(map.size).toBe(90)
  expect(() => map.put(Buffer.from('new'), 0, 3, 999)).toThrow('room')
  const smallest = mapOf(0, 1000, 0)
  expect(smallest.isFull).toBe(false)
  smallest.put(Buffer.from('a'), 0, 1, 0)
  expect(smallest.isFull).toBe(true)
})

it('finds every key again after its tables have grown, up to nine tenths of all their slots', () => {
  const slots = 40_000
  const map = mapOf(0, 1_000_000, SLOT_BYTES * slots)
  let offset = 0
  for (; !map.isFull; offset++) map.put(Buffer.from(`${offset}`), 0, `${offset}`.length, offset)
  expect(map.size).toBe(slots * 0.9)
  const isNew = (key: number) => map.isLast(Buffer.from(`${key}`), 0, `${key}`.length, -1)
  expect(Array.from({ length: offset }, (_, key) => key).filter(isNew)).toEqual([])
  expect(isNew(offset)).toBe(true)
})
