import { TokenBucket } from './token-bucket.ts'

const WINDOW = { samples: 11, sampleMs: 1000 }

test('it begins with a window’s worth of tokens, and owes what is taken beyond', () => {
  const bucket = new TokenBucket(WINDOW)
  bucket.take(110, 10, 0)
  expect(bucket.throttleMs(10, 0)).toBe(0)
  bucket.take(5, 10, 0)
  expect(bucket.throttleMs(10, 0)).toBe(500)
  expect(bucket.throttleMs(10, 499)).toBe(1)
  expect(bucket.throttleMs(10, 500)).toBe(0)
})

test('it never holds more than a window’s worth', () => {
  const bucket = new TokenBucket(WINDOW)
  bucket.take(1, 10, 0)
  bucket.take(111, 10, 1_000_000)
  expect(bucket.throttleMs(10, 1_000_000)).toBe(100)
})
