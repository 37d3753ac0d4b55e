import { FILE_USERS_MAX, parseUsers } from './users-file.ts'

const parse = (text: string) => Object.fromEntries(parseUsers('key', 'file', text))

test('a line for each user; the password is all behind the first equals sign', () => {
  expect(parse('# first\n\nalice=a=b c \r\n bob =x\n')).toEqual({ alice: 'a=b c ', bob: 'x' })
})

test.each(['alice', '=secret', 'alice=', 'a=b\nsecret-without-name'])('%p is refused without its text', (text) => {
  expect(() => parse(text)).toThrow('is not NAME=PASSWORD')
  expect(() => parse(text)).not.toThrow('secret')
})

test('a file has so many users and no more', () => {
  const lines = Array.from({ length: FILE_USERS_MAX }, (_, index) => `u${index}=x`).join('\n')
  expect(Object.keys(parse(lines))).toHaveLength(FILE_USERS_MAX)
  expect(() => parse(`${lines}\nmore=x`)).toThrow('names more than')
})
