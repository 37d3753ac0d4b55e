import { RecordsError } from '../records-error.ts'

export const tooLarge = (limitBytes: number): RecordsError =>
  new RecordsError('INVALID_RECORD', `the records unpack to more than ${limitBytes} bytes`)

export const undecodable = (codec: string, reason: string): RecordsError =>
  new RecordsError('UNKNOWN_SERVER_ERROR', `${codec} payload: ${reason}`)

export const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
