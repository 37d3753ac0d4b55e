import type { BatchHeader } from '../batch-header.ts'
import { RecordsError, type RecordsErrorName } from '../records-error.ts'

/** One record of a batch that was refused for its records; ends up in `record_errors` of the response. */
export interface RecordFault {
  readonly batchIndex: number
  readonly message: string | null
}

/** Why the records of one partition are not stored, as the Produce response says it. */
export interface ProduceRefusal {
  readonly ok: false
  /** Kafka's name of the error code. */
  readonly error: RecordsErrorName
  readonly recordErrors: readonly RecordFault[]
  readonly message: string | null
  /** Whether the response has the log's start offset (v5 on) or -1. */
  readonly logStartKnown: boolean
}

/** The batch to append; base offset and leader epoch are for the log to write. */
export interface ProduceAcceptance {
  readonly ok: true
  /** Where it had to be changed: in place if its size stays, else in memory of its own. */
  readonly batch: Uint8Array
  readonly header: BatchHeader
}

export type ProduceVerdict = ProduceAcceptance | ProduceRefusal

/**
 * Thrown inside the validation and turned into a value at its edge. Kafka tells the log's start with the errors that its
 * LogValidator finds, but not with those that come before it or say that something is too large.
 */
export class Refusal extends RecordsError {
  readonly logStartKnown: boolean
  readonly recordErrors: readonly RecordFault[]
  /** What the client is told; most errors tell it the code alone. */
  readonly told: string | null

  constructor(
    error: RecordsErrorName,
    message: string,
    details: { logStartKnown?: boolean; recordErrors?: readonly RecordFault[]; isTold?: boolean } = {},
  ) {
    super(error, message)
    this.logStartKnown = details.logStartKnown ?? true
    this.recordErrors = details.recordErrors ?? []
    this.told = details.isTold === true ? message : null
  }
}

/** What the response says for `thrown`. */
export function refusalOf(thrown: RecordsError): ProduceRefusal {
  const { error } = thrown
  if (thrown instanceof Refusal) {
    const { recordErrors, told, logStartKnown } = thrown
    return { ok: false, error, recordErrors, message: told, logStartKnown }
  }
  return { ok: false, error, recordErrors: [], message: null, logStartKnown: error !== 'CORRUPT_MESSAGE' }
}

/** A batch past `max.message.bytes`, as it came or as it would be stored. */
export const tooLarge = (sizeBytes: number): Refusal =>
  new Refusal('MESSAGE_TOO_LARGE', `a batch of ${sizeBytes} bytes`, { logStartKnown: false })
