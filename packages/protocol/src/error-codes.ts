import { errorNames, metadataErrors, retriableErrors } from './generated/error-codes.ts'

/** Kafka's name of `code`, for logs and messages; a code it does not have is shown as a number. */
export function errorName(code: number): string {
  return errorNames[code + 1] ?? `error ${code}`
}

/** Whether a client may send the same request again. */
export function isRetriable(code: number): boolean {
  return retriableErrors.includes(code)
}

/** Whether a client asks for new metadata before it tries again. */
export function refreshesMetadata(code: number): boolean {
  return metadataErrors.includes(code)
}
