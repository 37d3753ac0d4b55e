import { decodeUtf8, wellFormed } from './utf8.ts'

function decoded(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  const text = decodeUtf8(bytes, 0, bytes.length)
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index).toString(16).padStart(4, '0')).join(
    ' ',
  )
}

/** Each row is what `new String(bytes, UTF_8)` of Java 17 gave; Node gives another number of replacements for several. */
describe('malformed bytes become the replacements that Java puts', () => {
  test.each([
    ['eda080', 'fffd'],
    ['edbfbf', 'fffd'],
    ['f09f98', 'fffd'],
    ['c080', 'fffd fffd'],
    ['e080af', 'fffd fffd fffd'],
    ['f4908080', 'fffd fffd fffd fffd'],
    ['f5808080', 'fffd fffd fffd fffd'],
    ['80', 'fffd'],
    ['c3', 'fffd'],
    ['e282', 'fffd'],
    ['f08080', 'fffd fffd fffd'],
    ['ef8fdff07feea0', 'fffd fffd fffd 007f fffd'],
    ['90c1e190ef8ff0', 'fffd fffd fffd fffd fffd'],
    ['80f07ff1a0ed', 'fffd fffd 007f fffd fffd'],
    ['eff0bbbdc2c2f5', 'fffd fffd fffd fffd fffd'],
    ['ec80bd80c0edf5', 'c03d fffd fffd fffd fffd'],
    ['f09fc0c14190e1', 'fffd fffd fffd 0041 fffd fffd'],
  ])('%s', (hex, units) => {
    expect(decoded(hex)).toBe(units)
  })
})

test('well-formed text is kept whole: a byte order mark, a replacement character, NUL, astral characters', () => {
  for (const text of ['\uFEFFtopic', 'a\uFFFDb\u{1F600}', '\0', '\u2028', '\u{10FFFF}\uFFFE']) {
    const bytes = Buffer.from(text)
    expect(decodeUtf8(bytes, 0, bytes.length)).toBe(text)
  }
})

test('half a surrogate pair is written as a question mark, whole pairs are kept', () => {
  expect(wellFormed('a\uD800b\uDC00\u{1F600}')).toBe('a?b?\u{1F600}')
})
