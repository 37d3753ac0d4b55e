import { condition, intersect, negated, parseRange, usesVersion } from './version-range.ts'

test('the three ways to write a range', () => {
  expect(
    [parseRange('3'), parseRange('0-2'), parseRange('3+')].map(({ min, max }) => [min, Math.min(max, 99)]),
  ).toEqual([
    [3, 3],
    [0, 2],
    [3, 99],
  ])
  for (const text of ['', '3-', '-3', '2-1', 'all', '3+4']) expect(() => parseRange(text)).toThrow(text)
})

test('a range that ends where another begins shares one version with it', () => {
  expect(intersect(parseRange('0-3'), parseRange('3+'))).toEqual({ min: 3, max: 3 })
  expect(intersect(parseRange('0-2'), parseRange('3+'))).toBeNull()
})

test('a condition says no more than it must', () => {
  const within = parseRange('2-9')
  expect(['0+', '2-9', '5+', '0-4', '3-4', '6', '9', '2'].map((range) => condition(parseRange(range), within))).toEqual(
    [
      null,
      null,
      'version >= 5',
      'version <= 4',
      'version >= 3 && version <= 4',
      'version === 6',
      'version >= 9',
      'version <= 2',
    ],
  )
  expect(['version >= 5', 'version <= 4', 'version === 6'].map(negated)).toEqual([
    'version < 5',
    'version > 4',
    '!(version === 6)',
  ])
})

test('a field called version is not the parameter', () => {
  expect(usesVersion(['version: reader.int16(),', 'writer.int16(value.version)'])).toBe(false)
  expect(usesVersion(['read(reader, version)'])).toBe(true)
})
