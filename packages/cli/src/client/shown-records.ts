import {
  BATCH_HEADER_BYTES,
  type BatchRecord,
  readBatchHeader,
  readEndTransactionMarker,
  recordsOf,
} from '@odradek/records'
import { CommandFailure } from './failure.ts'

/** What one batch may unpack to. */
const UNPACKED_BYTES_MAX = 256 * 1024 * 1024
const MAGIC_AT = 16
const BATCH_FORMAT = 2

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

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
  const starts = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset))
  const open = new Set<bigint>()
  const records: BatchRecord[] = []
  let next = position
  for (let at = 0; bytes.length - at >= BATCH_HEADER_BYTES; ) {
    if (bytes[at + MAGIC_AT] !== BATCH_FORMAT)
      throw new CommandFailure(`offset ${next} holds a message of format ${bytes[at + MAGIC_AT]}; --group can read it`)
    const header = readBatchHeader(bytes, at)
    if (at + header.sizeBytes > bytes.length) break
    const lastOffset = header.baseOffset + header.lastOffsetDelta
    while (starts[0] !== undefined && starts[0].firstOffset <= BigInt(lastOffset)) {
      open.add(starts[0].producerId)
      starts.shift()
    }
    const batch = recordsOf(bytes.subarray(at, at + header.sizeBytes), { maxDecompressedBytes: UNPACKED_BYTES_MAX })
    if (header.isControl) {
      for (const { key, value } of batch)
        if (readEndTransactionMarker(key, value)?.outcome === 'abort') open.delete(header.producerId)
    } else if (!(header.isTransactional && open.has(header.producerId))) {
      for (const record of batch) if (record.offset >= position) records.push(record)
    }
    next = Math.max(next, lastOffset + 1)
    at += header.sizeBytes
  }
  return { records, position: next }
}
