import { int32At } from '@odradek/core'
import { isBatchIntact, LENGTH_AT, LOG_OVERHEAD_BYTES, MAGIC_AT } from './batch-header.ts'
import { entryAt } from './message-set/message-entries.ts'
import { RecordsError } from './records-error.ts'

/** Where a batch of format 2, or a message of format 0 or 1, lies among others. */
export interface BatchSpan {
  readonly at: number
  /** All of it, offset and length fields included. */
  readonly sizeBytes: number
  readonly magic: 0 | 1 | 2
}

/** Up to the magic byte, which stands at the same place in every format. */
const BYTES_TO_MAGIC = MAGIC_AT + 1
/** The least that a length field can say: a message of format 0 without key and value. */
const LENGTH_MIN = 14
const INT32_MAX = 0x7fff_ffff

/**
 * The span that begins at `at`, null when fewer bytes than a whole one are left.
 * @throws RecordsError CORRUPT_MESSAGE for a length or magic that cannot be.
 */
export function spanAt(bytes: Uint8Array, at: number): BatchSpan | null {
  const left = bytes.length - at
  if (left < LOG_OVERHEAD_BYTES) return null
  const length = int32At(bytes, at + LENGTH_AT)
  if (length < LENGTH_MIN) throw new RecordsError('CORRUPT_MESSAGE', `a batch length of ${length}`)
  if (left < BYTES_TO_MAGIC) return null
  const magic = ((bytes[at + MAGIC_AT] ?? 0) << 24) >> 24
  if (magic !== 0 && magic !== 1 && magic !== 2) throw new RecordsError('CORRUPT_MESSAGE', `magic ${magic}`)
  const sizeBytes = length + LOG_OVERHEAD_BYTES
  // Here Kafka's sum wraps around and fails as no error of the client's.
  if (sizeBytes > INT32_MAX) throw new RecordsError('UNKNOWN_SERVER_ERROR', `a batch length of ${length}`)
  return sizeBytes > left ? null : { at, sizeBytes, magic }
}

/**
 * The whole batches and messages in `bytes`, in Kafka's way: a last one that is cut ends them without an error.
 * @throws RecordsError CORRUPT_MESSAGE for a length or magic that cannot be.
 */
export function* batchSpansOf(bytes: Uint8Array): Generator<BatchSpan, void, void> {
  for (let at = 0; ; ) {
    const span = spanAt(bytes, at)
    if (span === null) return
    yield span
    at += span.sizeBytes
  }
}

/** Whether its checksum is that of its bytes; `span` is one of `bytes`. */
export const isSpanIntact = (bytes: Uint8Array, { at, sizeBytes, magic }: BatchSpan): boolean =>
  magic === 2 ? isBatchIntact(bytes, at, sizeBytes) : entryAt(bytes, at, sizeBytes).message.isIntact
