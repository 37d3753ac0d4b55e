import { ManualClock, SeededPrng } from '@odradek/core'
import { Deadlines } from './deadlines.ts'

function setUp() {
  const clock = new ManualClock()
  const due: string[] = []
  const deadlines = new Deadlines(clock, (key) => {
    due.push(`${key}@${clock.monotonicMs()}`)
  })
  return { clock, due, deadlines }
}

describe('Deadlines', () => {
  test('run in order of their due times, those of the same time in order of being set', () => {
    const { clock, due, deadlines } = setUp()
    deadlines.set('late', 30)
    deadlines.set('early', 10)
    deadlines.set('also late', 30)
    clock.advance(9)
    expect(due).toEqual([])
    clock.advance(100)
    expect(due).toEqual(['early@10', 'late@30', 'also late@30'])
    expect(deadlines.size).toBe(0)
  })

  test('a key set again has only its new deadline, later or earlier', () => {
    const { clock, due, deadlines } = setUp()
    deadlines.set('a', 10)
    deadlines.set('a', 50)
    deadlines.set('b', 50)
    deadlines.set('b', 20)
    clock.advance(100)
    expect(due).toEqual(['b@20', 'a@50'])
  })

  test('a cancelled or cleared key never runs', () => {
    const { clock, due, deadlines } = setUp()
    deadlines.set('a', 10)
    deadlines.set('b', 20)
    deadlines.cancel('a')
    clock.advance(15)
    deadlines.clear()
    clock.advance(100)
    expect(due).toEqual([])
  })

  test('what is due may set, replace and cancel others while it runs', () => {
    const clock = new ManualClock()
    const due: string[] = []
    const deadlines: Deadlines = new Deadlines(clock, (key) => {
      due.push(key)
      if (key === 'a') {
        deadlines.cancel('b')
        deadlines.set('c', 0)
        deadlines.set('d', 5)
      }
    })
    deadlines.set('a', 10)
    deadlines.set('b', 10)
    clock.advance(10)
    expect(due).toEqual(['a', 'c'])
    clock.advance(5)
    expect(due).toEqual(['a', 'c', 'd'])
  })

  test('a wall clock that jumps moves no deadline', () => {
    const { clock, due, deadlines } = setUp()
    deadlines.set('a', 1000)
    clock.jumpWall(86_400_000)
    clock.advance(999)
    clock.jumpWall(-3 * 86_400_000)
    expect(due).toEqual([])
    clock.advance(1)
    expect(due).toEqual(['a@1000'])
  })

  test('keys that are set again and again leave nothing behind', () => {
    const { clock, due, deadlines } = setUp()
    for (let round = 0; round < 10_000; round++) deadlines.set(`k${round % 10}`, 1_000 + round)
    expect(heapLength(deadlines)).toBeLessThan(200)
    clock.advance(20_000)
    expect(due).toHaveLength(10)
  })

  test('agree with a plain list over random sets and cancels', () => {
    const { SEED = '7' } = process.env
    const seed = Number(SEED)
    const prng = new SeededPrng(seed)
    const { clock, due, deadlines } = setUp()
    const model = new Map<string, number>()
    const expected: string[] = []
    for (let round = 0; round < 2_000; round++) {
      const key = `k${prng.below(20)}`
      if (prng.below(4) === 0) {
        deadlines.cancel(key)
        model.delete(key)
      } else {
        const delayMs = 1 + prng.below(100)
        deadlines.set(key, delayMs)
        model.set(key, clock.monotonicMs() + delayMs)
      }
      const endMs = clock.monotonicMs() + prng.below(10)
      const dueNow = [...model].filter(([, dueMs]) => dueMs <= endMs).sort((a, b) => a[1] - b[1])
      for (const [dueKey, dueMs] of dueNow) {
        expected.push(`${dueKey}@${dueMs}`)
        model.delete(dueKey)
      }
      clock.advance(endMs - clock.monotonicMs())
    }
    const byTime = (one: string, other: string) =>
      Number(one.split('@')[1]) - Number(other.split('@')[1]) || one.localeCompare(other)
    expect({ seed, due: [...due].sort(byTime) }).toEqual({ seed, due: [...expected].sort(byTime) })
  })
})

function heapLength(deadlines: Deadlines): number {
  return (deadlines as unknown as { heap: unknown[] }).heap.length
}
