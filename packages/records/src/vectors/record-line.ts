/** What a broker answers to the line's bytes, or what it stores. */
export interface ProduceExpectation {
  readonly topicConfig?: Readonly<Record<string, string>>
  readonly firstOffset?: string
  readonly lastOffset?: string
  readonly logAppendTime?: string
  /** Hex of what is in the log. */
  readonly stored?: string
  readonly error?: { readonly stage: string; readonly error: string; readonly recordErrors?: number }
}

/** One line of a records.ndjson file: bytes, and what Apache Kafka made of them. */
export interface RecordLine {
  readonly name: string
  readonly hex: string
  readonly batches?: readonly unknown[]
  readonly truncatedBytes?: number
  readonly readError?: { readonly stage: string; readonly error: string }
  /** Wrong on purpose in this way. */
  readonly fault?: string
  readonly produce?: ProduceExpectation
}

const isRecordLine = (value: unknown): value is RecordLine =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  'hex' in value &&
  typeof value.name === 'string' &&
  typeof value.hex === 'string'

/** @throws Error for a text that is no such line. */
export function parseRecordLine(text: string): RecordLine {
  const value: unknown = JSON.parse(text)
  if (!isRecordLine(value)) throw new Error(`not a line of record vectors: ${text.slice(0, 80)}`)
  return value
}

/** A fresh copy of the line's bytes, which may be written to. */
export const bytesOf = (line: RecordLine): Uint8Array => Buffer.from(line.hex, 'hex')
