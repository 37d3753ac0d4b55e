import { CHECKED_MS, CheckedRange } from './checked-range.ts'

let range: CheckedRange

beforeEach(() => {
  range = new CheckedRange()
})

it('covers nothing at first', () => {
  expect(range.covers(0, 1, 0)).toBe(false)
})

it('covers what was checked, and no byte more', () => {
  range.add(100, 200, 0)
  expect(range.covers(100, 200, 0)).toBe(true)
  expect(range.covers(99, 200, 0)).toBe(false)
  expect(range.covers(100, 201, 0)).toBe(false)
})

it('grows with what adjoins, in either direction', () => {
  range.add(100, 200, 0)
  range.add(200, 300, 1)
  range.add(50, 100, 1)
  expect(range.covers(50, 300, 1)).toBe(true)
})

it('is only the last one where something lies between', () => {
  range.add(100, 200, 0)
  range.add(201, 300, 0)
  expect([range.covers(100, 200, 0), range.covers(201, 300, 0), range.covers(100, 300, 0)]).toEqual([
    false,
    true,
    false,
  ])
})

it('ends with the time of its oldest part', () => {
  range.add(100, 200, 5)
  range.add(200, 300, CHECKED_MS)
  expect(range.covers(100, 300, CHECKED_MS + 4)).toBe(true)
  expect(range.covers(200, 300, CHECKED_MS + 5)).toBe(false)
  range.add(200, 300, CHECKED_MS + 5)
  expect(range.covers(100, 200, CHECKED_MS + 5)).toBe(false)
  expect(range.covers(200, 300, 2 * CHECKED_MS + 4)).toBe(true)
})
