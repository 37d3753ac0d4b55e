import { errorNames } from './generated/error-codes.ts'

/** Kafka's name of `code`, for logs and messages; a code it does not have is shown as a number. */
export function errorName(code: number): string {
  return errorNames[code + 1] ?? `error ${code}`
}
