import { javaSplit, javaTrim } from './java-text.ts'

test.each([
  ['', ''],
  [' \t\r\n', ''],
  [' 7 ', '7'],
  ['\u00017\u001f', '7'],
  ['a b', 'a b'],
  ['\u00a07\u3000', '\u00a07\u3000'],
])('%j is trimmed to %j', (text, trimmed) => {
  expect(javaTrim(text)).toBe(trimmed)
})

test.each<[string, readonly string[]]>([
  ['', ['']],
  [',', []],
  [',,,', []],
  ['a', ['a']],
  ['a,', ['a']],
  ['a,,', ['a']],
  [',a', ['', 'a']],
  ['a,,b,', ['a', '', 'b']],
])('%j is split into %j', (text, elements) => {
  expect(javaSplit(text, ',')).toEqual(elements)
})
