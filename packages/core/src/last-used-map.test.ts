import { LastUsedMap } from './last-used-map.ts'

const keys = (map: LastUsedMap<number, string>): number[] => Array.from(map.entries(), ([key]) => key)

describe('a map in the order of last use', () => {
  it('has the one used longest ago first, wherever that was', () => {
    const map = new LastUsedMap<number, string>()
    for (const key of [1, 2, 3, 4]) map.use(key, 'first')
    map.use(4, 'newest')
    map.use(2, 'middle')
    map.use(1, 'oldest')
    expect([...map.entries()]).toEqual([
      [3, 'first'],
      [4, 'newest'],
      [2, 'middle'],
      [1, 'oldest'],
    ])
    expect([map.size, map.get(2), map.get(5)]).toEqual([4, 'middle', undefined])
  })

  it('forgets from both ends and from between', () => {
    const map = new LastUsedMap<number, string>()
    for (const key of [1, 2, 3, 4, 5]) map.use(key, '')
    expect([1, 3, 5, 5].map((key) => map.delete(key))).toEqual([true, true, true, false])
    expect(keys(map)).toEqual([2, 4])
    for (const key of [2, 4]) map.delete(key)
    expect([keys(map), map.size]).toEqual([[], 0])
    map.use(6, '')
    expect(keys(map)).toEqual([6])
  })

  it('puts back what was there in its place, and what was forgotten at the old end', () => {
    const map = new LastUsedMap<number, string>()
    map.putBack(2, '')
    map.use(3, '')
    map.putBack(1, '')
    map.putBack(2, 'before')
    expect([...map.entries()]).toEqual([
      [1, ''],
      [2, 'before'],
      [3, ''],
    ])
  })

  it('lets what is looked at be deleted', () => {
    const map = new LastUsedMap<number, string>()
    for (const key of [1, 2, 3, 4]) map.use(key, '')
    for (const [key] of map.entries()) if (key !== 3) map.delete(key)
    expect(keys(map)).toEqual([3])
  })

  it('finds the oldest as fast when a million were forgotten before it', () => {
    const map = new LastUsedMap<number, string>()
    const KEPT = 100_000
    const startedMs = performance.now()
    for (let key = 0; key < 1_000_000; key++) {
      if (map.size >= KEPT) for (const [oldest] of map.entries()) if (map.delete(oldest)) break
      map.use(key, '')
    }
    expect(keys(map)[0]).toBe(1_000_000 - KEPT)
    // A Map takes a hundred times as long: it walks over what was deleted each time.
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })
})
