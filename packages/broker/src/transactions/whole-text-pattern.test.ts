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
