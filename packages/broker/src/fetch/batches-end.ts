import { type Offset, offset } from '@odradek/core'
import { batchSizeAt, readBatchHeader } from '@odradek/records'

/** One offset past the last of `batches`, which the log has given out whole; `from` when there is none. */
export function batchesEnd(batches: Uint8Array, from: Offset): Offset {
  let lastAt = -1
  for (let at = 0; at < batches.length; at += batchSizeAt(batches, at) ?? batches.length) lastAt = at
  if (lastAt < 0) return from
  const last = readBatchHeader(batches, lastAt)
  return offset(last.baseOffset + last.lastOffsetDelta + 1)
}
