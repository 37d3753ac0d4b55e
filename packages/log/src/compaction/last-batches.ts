import type { BatchHeader } from '@odradek/records'
import type { ProducerEntry } from '../producer-state.ts'

interface LastBatch {
  /** Of the producer's last batch of data; null when only a marker is left of it. */
  readonly lastOffset: number | null
  readonly producerEpoch: number
}

/** Where a start will find the last sequence, or the epoch, of each producer: these batches stay, be it without records. */
export type LastBatches = ReadonlyMap<bigint, LastBatch>

export function lastBatchesOf(entries: Iterable<ProducerEntry>): LastBatches {
  const found = new Map<bigint, LastBatch>()
  for (const { producerId, producerEpoch, batches } of entries) {
    found.set(producerId, { lastOffset: batches.at(-1)?.lastOffset ?? null, producerEpoch })
  }
  return found
}

export function isLastBatch(lastBatches: LastBatches, header: BatchHeader): boolean {
  const last = header.producerId < 0n ? undefined : lastBatches.get(header.producerId)
  if (last === undefined) return false
  if (last.lastOffset !== null) return header.baseOffset + header.lastOffsetDelta === last.lastOffset
  return header.isControl && header.producerEpoch === last.producerEpoch
}
