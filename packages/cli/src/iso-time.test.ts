import type { WallMs } from '@odradek/core'
import fc from 'fast-check'
import { isoTime } from './iso-time.ts'

test('a moment reads as Date writes it', () => {
  const moments = fc.integer({ min: 0, max: 253_402_300_799_999 })
  fc.assert(fc.property(moments, (ms) => expect(isoTime(ms as WallMs)).toBe(new Date(ms).toISOString())))
})

test.each([
  ['2000-02-29T23:59:59.999Z'],
  ['2100-02-28T12:00:00.000Z'],
  ['2100-03-01T00:00:00.000Z'],
  ['1970-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z'],
])('%s, an edge of the calendar', (text) => {
  expect(isoTime(Date.parse(text) as WallMs)).toBe(text)
})
