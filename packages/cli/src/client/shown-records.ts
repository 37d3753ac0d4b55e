import {
  type AbortedTransaction,
  BATCH_HEADER_BYTES,
  type BatchRecord,
  CommittedView,
  readBatchHeader,
  recordsOf,
} from '@odradek/records'
import { CommandFailure } from './failure.ts'

/** What one batch may unpack to. */
const UNPACKED_BYTES_MAX = 256 * 1024 * 1024
const MAGIC_AT = 16
const BATCH_FORMAT = 2

export interface ShownRecords {
  readonly records: readonly BatchRecord[]
  /** Where to read on: behind all that came, shown or not. */
  readonly position: number
}

/** What a reader at `position` is shown of fetched bytes: no markers, nothing of `aborted` transactions, no batch that is cut. */
export function shownRecords(
  bytes: Uint8Array,
  position: number,
  aborted: readonly AbortedTransaction[],
): ShownRecords {
  const view = new CommittedView(aborted)
  const records: BatchRecord[] = []
  let next = position
  for (let at = 0; bytes.length - at >= BATCH_HEADER_BYTES; ) {
    if (bytes[at + MAGIC_AT] !== BATCH_FORMAT)
      throw new CommandFailure(`offset ${next} holds a message of format ${bytes[at + MAGIC_AT]}; --group can read it`)
    const header = readBatchHeader(bytes, at)
    if (at + header.sizeBytes > bytes.length) break
    const lastOffset = header.baseOffset + header.lastOffsetDelta
    const batch = recordsOf(bytes.subarray(at, at + header.sizeBytes), { maxDecompressedBytes: UNPACKED_BYTES_MAX })
    if (view.shows(header, batch)) for (const record of batch) if (record.offset >= position) records.push(record)
    next = Math.max(next, lastOffset + 1)
    at += header.sizeBytes
  }
  return { records, position: next }
}
