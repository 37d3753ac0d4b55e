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
 * in memory. Segments that end before `from` are not looked at. Changes nothing.
 */
export function* storedBatches(fs: Fs, directory: string, from = 0): Generator<StoredBatch, void, void> {
  let next = 0
  const bases = fs.readdirSync(directory).flatMap((name) => baseOffsetOfName(name) ?? [])
  for (const [index, base] of bases.entries()) {
    if ((bases[index + 1] ?? Number.POSITIVE_INFINITY) <= from) continue
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
