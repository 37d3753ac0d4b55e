import { SeededPrng } from '@odradek/core'
import { cachedText } from './text-cache.ts'

test('texts that share a slot do not take each other’s place unnoticed', () => {
  const prng = new SeededPrng(1)
  const wrong: string[] = []
  for (let round = 0; round < 20_000; round++) {
    const text = `t${prng.below(6000)}`
    const bytes = Buffer.from(`xx${text}yy`)
    if (cachedText(bytes, 2, text.length) !== text) wrong.push(text)
  }
  expect(wrong).toEqual([])
})

test('long texts and those that are not ASCII are left to others', () => {
  expect(cachedText(Buffer.alloc(25, 0x61), 0, 25)).toBeNull()
  expect(cachedText(Buffer.from('é'), 0, 2)).toBeNull()
  expect(cachedText(Buffer.alloc(0), 0, 0)).toBe('')
})
