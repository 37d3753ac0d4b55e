import { ManualClock } from '@odradek/core'
import { LargeRequests } from './large-requests.ts'

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

test('odradek.max.request.elements: as many at a time as have so many elements together, and in their order', async () => {
  const clock = new ManualClock()
  const large = new LargeRequests(100, clock)
  const inside = new Map<string, () => void>()
  const enter = (name: string, elements: number) => {
    void large.enter(elements).then((leave) => inside.set(name, leave))
  }
  const names = async () => {
    await settled()
    return [...inside.keys()].join('')
  }
  const leave = (name: string) => {
    inside.get(name)?.()
    inside.get(name)?.()
    inside.delete(name)
  }
  enter('a', 60)
  enter('b', 40)
  enter('c', 1)
  enter('d', 1000)
  enter('e', 1)
  expect(await names()).toBe('ab')
  leave('b')
  expect(await names()).toBe('ac')
  leave('a')
  expect(await names()).toBe('c')
  leave('c')
  // More than there may be goes alone.
  expect(await names()).toBe('d')
  // Who only waits keeps nobody out for ever.
  clock.advance(4999)
  expect(await names()).toBe('d')
  clock.advance(1)
  expect(await names()).toBe('de')
  leave('d')
  enter('f', 99)
  expect(await names()).toBe('ef')
})
