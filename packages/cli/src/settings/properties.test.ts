import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PropertiesError, parseProperties } from './properties.ts'

const parse = (text: string) => Object.fromEntries(parseProperties(text))

/** Random texts and what java.util.Properties of Java 17 makes of each; null where it refuses. */
const golden = JSON.parse(readFileSync(join(__dirname, 'properties.golden.json'), 'utf8')) as [
  string,
  Record<string, string> | null,
][]

test('random texts give the properties that Java reads from them', () => {
  for (const [text, expected] of golden) {
    let actual: Record<string, string> | null = null
    try {
      actual = parse(text)
    } catch (error) {
      expect(error).toBeInstanceOf(PropertiesError)
    }
    expect({ text, properties: actual }).toEqual({ text, properties: expected })
  }
})

test.each([
  ['a server.properties', 'node.id=1\nlog.dirs=/data\n', { 'node.id': '1', 'log.dirs': '/data' }],
  ['comments and blank lines', '# one\n  ! two\n\n   \t\na=b', { a: 'b' }],
  ['the three separators', 'a=1\nb:2\nc 3\nd = 4\ne\t:\t5', { a: '1', b: '2', c: '3', d: '4', e: '5' }],
  ['a separator inside the value', 'listeners=A://h:1,B://h:2', { listeners: 'A://h:1,B://h:2' }],
  ['a key without a value', 'a\nb=', { a: '', b: '' }],
  ['lines continued by a backslash', 'a=1,\\\n    2,\\\r\n\t3\nb=4', { a: '1,2,3', b: '4' }],
  ['an even number of backslashes, which continues nothing', 'a=1\\\\\nb=2', { a: '1\\', b: '2' }],
  ['a comment sign on a continued line', 'a=1\\\n#2', { a: '1#2' }],
  ['escaped separators in a key', 'a\\=b\\:c\\ d=1', { 'a=b:c d': '1' }],
  ['escapes', 'a=\\t\\n\\u0041\\q\\\\', { a: '\t\nAq\\' }],
  ['white space at the end of a value', 'a=b  \t', { a: 'b  \t' }],
  ['a key given twice', 'a=1\na=2', { a: '2' }],
  ['carriage returns alone', 'a=1\rb=2', { a: '1', b: '2' }],
])('%s', (_, text, expected) => {
  expect(parse(text)).toEqual(expected)
})

test('a broken character escape is named with the line it began on', () => {
  const broken = () => parseProperties('a=1\nb=2\\\n  \\u12x4')
  expect(broken).toThrow(PropertiesError)
  expect(broken).toThrow(
    expect.objectContaining({ line: 2, message: expect.stringContaining('\\u12x4 is no character') }),
  )
})
