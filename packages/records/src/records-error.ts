/** Kafka's names of the errors that reading or checking records can end in. */
export type RecordsErrorName =
  | 'INVALID_RECORD'
  | 'CORRUPT_MESSAGE'
  | 'INVALID_TIMESTAMP'
  | 'MESSAGE_TOO_LARGE'
  | 'UNSUPPORTED_COMPRESSION_TYPE'
  | 'UNKNOWN_SERVER_ERROR'

/** Bytes that are no records, or more of them than allowed: the sender's fault, never ours. */
export class RecordsError extends Error {
  override readonly name = 'RecordsError'
  readonly error: RecordsErrorName

  constructor(error: RecordsErrorName, message: string) {
    super(message)
    this.error = error
  }
}
