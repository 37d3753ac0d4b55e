import { CacheGuess, GUESSED_READ_BYTES_MAX, QUICK_READS_MAX, QUICK_READS_MIN } from './cache-guess.ts'

const MEBIBYTE = 1_048_576
const QUICK_MS = 0.3
const SLOW_MS = 5

function after(guess: CacheGuess, count: number, elapsedMs: number): boolean {
  for (let index = 0; index < count; index++) guess.note(MEBIBYTE, elapsedMs)
  return guess.allows(MEBIBYTE)
}

/** Quick reads in a row until it is believed. */
function wanted(guess: CacheGuess): number {
  let count = 0
  for (; !guess.allows(MEBIBYTE); count++) guess.note(MEBIBYTE, QUICK_MS)
  return count
}

test('it takes several quick reads in a row', () => {
  const guess = new CacheGuess()
  expect(guess.allows(MEBIBYTE)).toBe(false)
  expect(after(guess, QUICK_READS_MIN - 1, QUICK_MS)).toBe(false)
  expect(after(guess, 1, SLOW_MS)).toBe(false)
  expect(after(guess, QUICK_READS_MIN - 1, QUICK_MS)).toBe(false)
  expect(after(guess, 1, QUICK_MS)).toBe(true)
})

test('a small read is allowed the time of a call, a large one that of its bytes', () => {
  const guess = new CacheGuess()
  for (let index = 0; index < QUICK_READS_MIN; index++) guess.note(100, 0.24)
  expect(guess.allows(MEBIBYTE)).toBe(true)
  guess.note(100, 0.26)
  expect(guess.allows(MEBIBYTE)).toBe(false)
})

test('however quick, a very large read goes to another thread', () => {
  const guess = new CacheGuess()
  wanted(guess)
  expect(guess.allows(GUESSED_READ_BYTES_MAX)).toBe(true)
  expect(guess.allows(GUESSED_READ_BYTES_MAX + 1)).toBe(false)
})

test('each disappointment doubles what is asked for, up to a limit', () => {
  const guess = new CacheGuess()
  const asked: number[] = []
  for (let round = 0; round < 8; round++) {
    asked.push(wanted(guess))
    guess.note(MEBIBYTE, SLOW_MS)
  }
  expect(asked).toEqual([4, 8, 16, 32, 64, 128, 256, QUICK_READS_MAX])
})
