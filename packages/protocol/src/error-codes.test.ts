import { errorName } from './error-codes.ts'
import { ErrorCode } from './generated/error-codes.ts'

test('every code has the name it is listed under', () => {
  for (const [name, code] of Object.entries(ErrorCode)) expect(errorName(code)).toBe(name)
  expect(Object.values(ErrorCode).sort((left, right) => left - right)).toEqual(
    Object.values(ErrorCode).map((_, index) => index - 1),
  )
})

test('a code that Kafka does not have is shown as a number', () => {
  expect([errorName(-2), errorName(9999)]).toEqual(['error -2', 'error 9999'])
})
