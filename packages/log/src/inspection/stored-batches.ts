import type { Fs } from '@odradek/core'
import { BATCH_HEADER_BYTES } from '@odradek/records'
import { baseOffsetAt, isHeaderAt, isIntactAt, lastOffsetAt, sizeAt } from '../batch-bytes.ts'
import { baseOffsetOfName, LOG_SUFFIX, offsetFileName } from '../file-names.ts'

export interface StoredBatch {
  /** The whole batch, header included. */
  readonly bytes: Buffer
  readonly baseOffset: number
  readonly lastOffset: number
}

/**
 * The batches of a partition that nobody has open, in order, up to the first that is not whole. A segment at a time is
 * in memory. Changes nothing.
 */
export function* storedBatches(fs: Fs, directory: string): Generator<StoredBatch, void, void> {
  let next = 0
  for (const base of fs.readdirSync(directory).flatMap((name) => baseOffsetOfName(name) ?? [])) {
    const file = Buffer.from(fs.readFileSync(`${directory}/${offsetFileName(base, LOG_SUFFIX)}`) ?? [])
    for (let at = 0; at < file.byteLength; at += sizeAt(file, at)) {
      const left = file.byteLength - at
      if (left < BATCH_HEADER_BYTES || !isHeaderAt(file, at) || sizeAt(file, at) > left || !isIntactAt(file, at)) return
      const baseOffset = baseOffsetAt(file, at)
      if (baseOffset < next) return
      const lastOffset = lastOffsetAt(file, at)
      next = lastOffset + 1
      yield { bytes: file.subarray(at, at + sizeAt(file, at)), baseOffset, lastOffset }
    }
  }
}
