import { Cursor } from './cursor.ts'
import { RecordsError } from './records-error.ts'

const VARINT_BYTES_MAX = 5

/** Where the bytes of the records come from: Kafka's reader of a stream and its reader of a buffer differ in one error. */
export type RecordsSource = 'plain' | 'unpacked'

/**
 * Goes from record to record and notes where their parts are, without making an object for any of them. `read` is as
 * strict as Kafka's reader. `skim` checks what Kafka checks of a compressed batch that it stores as it came: not that a
 * record ends where its length says.
 */
export class RecordScanner {
  readonly cursor: Cursor
  timestampDelta: number | bigint = 0
  offsetDelta = 0
  keyAt = 0
  /** Any negative length stands for null. */
  keyLength = 0
  valueAt = 0
  valueLength = 0
  headersAt = 0
  headersCount = 0
  /**
   * False once a record has had attributes, or a negative length other than -1 for null: readers take them, but no writer
   * writes them.
   */
  isUsual = true
  private readonly source: RecordsSource

  constructor(cursor: Cursor, source: RecordsSource) {
    this.cursor = cursor
    this.source = source
  }

  get bytes(): Uint8Array {
    return this.cursor.bytes
  }

  read(): void {
    const { cursor } = this
    const length = this.readLength()
    if (length > cursor.remaining)
      throw new RecordsError('INVALID_RECORD', `a record of ${length} bytes where ${cursor.remaining} are left`)
    const end = cursor.at + length
    this.readBody()
    if (cursor.at !== end)
      throw new RecordsError(
        'INVALID_RECORD',
        `a record of ${length} bytes ends ${cursor.at - end} bytes after its length`,
      )
  }

  skim(): void {
    this.readLength()
    this.readBody()
  }

  /** After the last record nothing may be left. */
  expectEnd(): void {
    const { remaining } = this.cursor
    if (remaining > 0) throw new RecordsError('INVALID_RECORD', `${remaining} bytes after the last record`)
  }

  /** A length varint that does not end is, in a plain batch, UNKNOWN_SERVER_ERROR to Kafka. */
  private readLength(): number {
    const { cursor } = this
    const { at } = cursor
    try {
      const length = cursor.varint()
      if (length >= 0) return length
    } catch (thrown) {
      if (this.source === 'plain' && cursor.at - at === VARINT_BYTES_MAX) {
        throw new RecordsError('UNKNOWN_SERVER_ERROR', 'a record length is too long a varint')
      }
      throw thrown
    }
    throw new RecordsError('INVALID_RECORD', 'a record of negative length')
  }

  private readBody(): void {
    const { cursor } = this
    const attributes = cursor.byte()
    this.timestampDelta = cursor.varlong()
    this.offsetDelta = cursor.varint()
    this.keyLength = cursor.varint()
    this.keyAt = cursor.at
    cursor.skip(this.keyLength)
    this.valueLength = cursor.varint()
    this.valueAt = cursor.at
    cursor.skip(this.valueLength)
    if (attributes !== 0 || this.keyLength < -1 || this.valueLength < -1) this.isUsual = false
    const headersCount = cursor.varint()
    if (headersCount < 0 || headersCount > cursor.remaining) {
      throw new RecordsError('INVALID_RECORD', `a record with ${headersCount} headers`)
    }
    this.headersCount = headersCount
    this.headersAt = cursor.at
    for (let index = 0; index < headersCount; index++) {
      const keyLength = cursor.varint()
      if (keyLength < 0) throw new RecordsError('INVALID_RECORD', 'a header without a key')
      cursor.skip(keyLength)
      const valueLength = cursor.varint()
      if (valueLength < -1) this.isUsual = false
      cursor.skip(valueLength)
    }
  }
}

/** A view of `length` bytes, null for a negative length. */
export const viewOf = (bytes: Uint8Array, at: number, length: number): Uint8Array | null =>
  length < 0 ? null : bytes.subarray(at, at + length)

/** Those of the record that `scanner` has just read. */
export function headersOf(scanner: RecordScanner): { key: Uint8Array; value: Uint8Array | null }[] {
  const { bytes } = scanner
  const cursor = new Cursor(bytes, scanner.headersAt, scanner.cursor.end)
  const next = (): Uint8Array | null => {
    const length = cursor.varint()
    const view = viewOf(bytes, cursor.at, length)
    cursor.skip(length)
    return view
  }
  return Array.from({ length: scanner.headersCount }, () => ({ key: next() ?? new Uint8Array(0), value: next() }))
}
