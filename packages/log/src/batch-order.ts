import { baseOffsetAt, lastOffsetAt, leaderEpochAt } from './batch-bytes.ts'
import type { LeaderEpochs } from './leader-epochs.ts'

/**
 * What a log knows of its batches beside their checksums, which cover neither base offset nor leader epoch, so that a
 * leader may write them (KIP-98): a device that changes one of these is found out only by what stands around the batch.
 */
export interface BatchOrder {
  /**
   * From here on each batch begins where the one before it ends, and `epochs` tells its epoch. Below it compaction, a
   * repair or another broker may have left gaps. Infinity when nothing is known.
   */
  readonly denseFrom: number
  readonly epochs: LeaderEpochs
}

/** Why no batch of this base offset can stand where `expectedOffset` is due; null when it can. */
export function offsetFault(bytes: Buffer, at: number, expectedOffset: number, denseFrom: number): string | null {
  const baseOffset = baseOffsetAt(bytes, at)
  if (baseOffset < expectedOffset) return `offset ${baseOffset} after ${expectedOffset - 1}`
  if (baseOffset === expectedOffset || expectedOffset < denseFrom) return null
  return `offset ${baseOffset} where ${expectedOffset} was written`
}

/** Why the batch is none of this log's epochs; null when it can be, or when nobody knows. */
export function epochFault(bytes: Buffer, at: number, { denseFrom, epochs }: BatchOrder): string | null {
  if (baseOffsetAt(bytes, at) < denseFrom) return null
  const epoch = leaderEpochAt(bytes, at)
  // Of a batch whose first records lie before the log's start only the last ones have an epoch here.
  const known = epochs.epochAt(lastOffsetAt(bytes, at))
  return known < 0 || known === epoch ? null : `leader epoch ${epoch} where ${known} was written`
}
