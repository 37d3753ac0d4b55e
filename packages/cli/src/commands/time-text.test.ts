import { durationFrom, timeFrom } from './time-text.ts'

test.each([
  '1970-01-01T00:00:00Z',
  '1999-12-31T23:59:59.999Z',
  '2000-02-29T12:00:00.5Z',
  '2026-11-30T12:34:56.07Z',
  '2100-03-01T00:00:00+02:00',
  '2024-02-29T23:30:00-0330',
  '2026-11-30T12:34Z',
])('%s is the moment that Date knows it as', (text) => {
  expect(timeFrom(text, '--at')).toBe(new Date(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')).getTime())
})

test('without a zone it is UTC, and a number is milliseconds', () => {
  expect(timeFrom('2026-11-30T12:00:00', '--at')).toBe(Date.UTC(2026, 10, 30, 12))
  expect(timeFrom('1700000000000', '--at')).toBe(1_700_000_000_000)
})

test.each([
  'noon',
  '2026-13-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01',
  '',
])('"%s" is no moment', (text) => {
  expect(() => timeFrom(text, '--at')).toThrow(`--at ${text}: write milliseconds`)
})

test.each([
  ['PT1H30M', 5_400_000],
  ['P2D', 172_800_000],
  ['P1DT2H3M4.5S', 93_784_500],
  ['PT0S', 0],
])('%s is %i ms', (text, ms) => {
  expect(durationFrom(text, '--by')).toBe(ms)
})

test.each(['P', 'PT', '5', 'P1Y', 'P1DT', '-PT1H'])('"%s" is no duration', (text) => {
  expect(() => durationFrom(text, '--by')).toThrow(`--by ${text}: write a duration`)
})
