import type { FileHandle } from '@odradek/core'
import { BATCH_HEADER_BYTES } from '@odradek/records'
import { baseOffsetAt, isHeaderAt, isIntactAt, lastOffsetAt, sizeAt } from '../batch-bytes.ts'

const WINDOW_BYTES = 1024 * 1024

/** Where batches may go on after bytes that are none. */
export interface BatchSearch {
  readonly handle: FileHandle
  /** Of the bytes that are no batch. */
  readonly position: number
  readonly fileBytes: number
  /** No batch that follows begins below it. */
  readonly offsetMin: number
  /** Nor ends above it: the next segment begins there. */
  readonly offsetMax: number
}

/**
 * Position of the next whole batch with a right checksum; the file's size when there is none. A batch is believed where
 * the damaged one says that it ends, before the bytes inside it are looked at: records may hold batches as their values.
 */
export function nextBatch(search: BatchSearch): number {
  const { handle, position, fileBytes } = search
  const header = readAt(handle, position, Math.min(BATCH_HEADER_BYTES, fileBytes - position))
  if (header.byteLength === BATCH_HEADER_BYTES) {
    const end = position + sizeAt(header, 0)
    if (end > position && (end === fileBytes || isBatchAt(search, end))) return end
  }
  for (let from = position + 1; from < fileBytes; from += WINDOW_BYTES) {
    const window = readAt(handle, from, Math.min(WINDOW_BYTES + BATCH_HEADER_BYTES - 1, fileBytes - from))
    const last = Math.min(WINDOW_BYTES, window.byteLength - BATCH_HEADER_BYTES + 1)
    for (let at = 0; at < last; at++) {
      if (isPlausible(search, window, at, from + at) && isBatchAt(search, from + at)) return from + at
    }
  }
  return fileBytes
}

function isPlausible({ fileBytes, offsetMin, offsetMax }: BatchSearch, bytes: Buffer, at: number, position: number) {
  return (
    isHeaderAt(bytes, at) &&
    sizeAt(bytes, at) <= fileBytes - position &&
    baseOffsetAt(bytes, at) >= offsetMin &&
    lastOffsetAt(bytes, at) < offsetMax
  )
}

function isBatchAt(search: BatchSearch, position: number): boolean {
  const { handle, fileBytes } = search
  if (fileBytes - position < BATCH_HEADER_BYTES) return false
  const header = readAt(handle, position, BATCH_HEADER_BYTES)
  return isPlausible(search, header, 0, position) && isIntactAt(readAt(handle, position, sizeAt(header, 0)), 0)
}

function readAt(handle: FileHandle, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  return bytes.subarray(0, handle.readSync(bytes, 0, length, position))
}
