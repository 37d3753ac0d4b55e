import { parseConnectionOverrides } from './connection-overrides.ts'

test.each<[string, Record<string, number>]>([
  ['', {}],
  [' , ', {}],
  ['localhost:5, 127.0.0.1:6', { localhost: 5, '127.0.0.1': 6 }],
  ['::1:7,[fe80::1]:8', { '::1': 7, 'fe80::1': 8 }],
  ['127.0.0.1:-5', { '127.0.0.1': -5 }],
  ['a:1,a:2', { a: 2 }],
])('"%s" says %j', (text, expected) => {
  expect(Object.fromEntries(parseConnectionOverrides(text) ?? [])).toEqual(expected)
})

test.each(['a', 'a:', ':5', 'a:b', 'a:5:', 'a:99999999999'])('"%s" cannot be read', (text) => {
  expect(parseConnectionOverrides(text)).toBeNull()
})
