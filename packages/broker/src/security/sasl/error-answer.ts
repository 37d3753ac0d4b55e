import { ErrorCode } from '@odradek/protocol'

/** An API's error shape, as made for a bug of ours, with another code in it; null where there is no such shape. */
export function withErrorCode(answer: unknown, code: ErrorCode): unknown {
  if (Array.isArray(answer)) return answer.map((item) => withErrorCode(item, code))
  if (typeof answer !== 'object' || answer === null || answer instanceof Uint8Array) return answer
  const entries = Object.entries(answer).map(([name, value]: [string, unknown]) => {
    const isCode = /errorCode$/i.test(name) && value === ErrorCode.UNKNOWN_SERVER_ERROR
    return [name, isCode ? code : withErrorCode(value, code)]
  })
  return Object.fromEntries(entries)
}
