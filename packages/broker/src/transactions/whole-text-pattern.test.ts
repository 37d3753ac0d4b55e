import { PROGRAM_SIZE_MAX, programSizeMax, wholeTextPattern } from './whole-text-pattern.ts'

test.each([
  'a',
  '(a?){100}',
  '((a?){30}){30}',
  '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  'a{2,}b{3,9}',
  '(a{5}){6}',
  'x'.repeat(500),
])('%s becomes no larger than is said beforehand', async (pattern) => {
  const { RE2JS } = await import('re2js')
  // Each element is an instruction or two, and there are some around them.
  expect(RE2JS.compile(pattern).programSize()).toBeLessThanOrEqual(2 * programSizeMax(pattern) + 10)
})

test('PROGRAM_SIZE_MAX: a pattern of that size is compiled, one a character larger is not', async () => {
  const counted = '(a?){1000}'
  const atLimit = counted + 'b'.repeat(PROGRAM_SIZE_MAX / 1000 - counted.length)
  expect(programSizeMax(atLimit)).toBe(PROGRAM_SIZE_MAX)
  expect(await wholeTextPattern(atLimit)).toBeInstanceOf(Function)
  expect(await wholeTextPattern(`${atLimit}b`)).toBe('bad')
})

test('what people write is far below', () => {
  const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
  expect(programSizeMax(`^app-${uuid}-\\d+$`)).toBeLessThan(PROGRAM_SIZE_MAX / 10)
})

test('classes count for what the engine makes of them', async () => {
  const long = '\\x80-\\x{1e900}'
  for (const [pattern, isTaken] of [
    ['\\pL'.repeat(190), true],
    ['\\pL'.repeat(210), false],
    ['\\pL|'.repeat(4000), false],
    [`[${long.repeat(1000)}]`, true],
    [`(?i)[${long.repeat(3)}]`, true],
    [`(?i)[${long.repeat(4)}]`, false],
    [`a(?s-i:b)(?si:[${'Ā-\u{1e900}'.repeat(1000)}])`, false],
    ['(?i)app-\\d+-\\p{Lu}+-[a-z0-9-]+', true],
    [`(?i)[${'a-z'.repeat(1000)}]`, true],
  ] as const) {
    expect([pattern.slice(0, 30), (await wholeTextPattern(pattern)) !== 'bad']).toEqual([pattern.slice(0, 30), isTaken])
  }
})
