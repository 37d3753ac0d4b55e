import type { BatchPlace } from './segment-inspection.ts'

const OFFSET_ENTRY_BYTES = 8
const TIME_ENTRY_BYTES = 12

/** Compares an index with the batches that it points to, as they pass in order. */
export interface IndexCheck {
  see(batch: BatchPlace): void
  /** What is wrong with it, or null; all batches have passed. */
  end(): string | null
}

/** Kafka's `.index`: every entry names a batch by its last offset and its position. */
export function offsetIndexCheck(bytes: Buffer, baseOffset: number): IndexCheck {
  let at = 0
  let fault = wholeEntries(bytes, OFFSET_ENTRY_BYTES)
  return {
    see({ position, lastOffset }) {
      if (fault !== null || at >= bytes.byteLength) return
      const entryPosition = bytes.readInt32BE(at + 4)
      if (entryPosition > position) return
      const entryOffset = baseOffset + bytes.readInt32BE(at)
      if (entryPosition !== position || entryOffset !== lastOffset) {
        fault = `entry ${at / OFFSET_ENTRY_BYTES} (offset ${entryOffset}, position ${entryPosition}) is no batch's`
      }
      at += OFFSET_ENTRY_BYTES
    },
    end: () => fault ?? (at < bytes.byteLength ? `entries from ${at / OFFSET_ENTRY_BYTES} on point to no batch` : null),
  }
}

/** Kafka's `.timeindex`: every entry is the largest timestamp so far and the batch that brought it. */
export function timeIndexCheck(bytes: Buffer, baseOffset: number, isSealed: boolean): IndexCheck {
  let at = 0
  let fault = wholeEntries(bytes, TIME_ENTRY_BYTES)
  let largest = -1n
  let last = -1n
  return {
    see({ lastOffset, maxTimestamp }) {
      const isLargest = maxTimestamp > largest
      if (isLargest) largest = maxTimestamp
      if (fault !== null || at >= bytes.byteLength) return
      const entryOffset = baseOffset + bytes.readInt32BE(at + 8)
      if (entryOffset > lastOffset) return
      const entryTimestamp = bytes.readBigInt64BE(at)
      if (entryOffset !== lastOffset || !isLargest || entryTimestamp !== maxTimestamp) {
        fault = `entry ${at / TIME_ENTRY_BYTES} (timestamp ${entryTimestamp}, offset ${entryOffset}) is no batch's`
      }
      last = entryTimestamp
      at += TIME_ENTRY_BYTES
    },
    end() {
      if (fault !== null) return fault
      if (at < bytes.byteLength) return `entries from ${at / TIME_ENTRY_BYTES} on point to no batch`
      return isSealed && last < largest ? `the largest timestamp, ${largest}, is missing` : null
    },
  }
}

function wholeEntries(bytes: Buffer, entryBytes: number): string | null {
  const rest = bytes.byteLength % entryBytes
  return rest === 0 ? null : `${rest} bytes after the last entry`
}
