import { BATCH_HEADER_BYTES } from '@odradek/records'
import { baseOffsetAt, isHeaderAt, isIntactAt, sizeAt } from './batch-bytes.ts'

/** Offset of the first whole batch in `bytes` with an offset of at least `leastOffset`, wherever it begins; null when there is none. */
export function laterBatchIn(bytes: Buffer, leastOffset: number): number | null {
  for (let at = 0; at + BATCH_HEADER_BYTES <= bytes.byteLength; at++) {
    if (!isHeaderAt(bytes, at) || sizeAt(bytes, at) > bytes.byteLength - at) continue
    const baseOffset = baseOffsetAt(bytes, at)
    if (baseOffset >= leastOffset && isIntactAt(bytes, at)) return baseOffset
  }
  return null
}
