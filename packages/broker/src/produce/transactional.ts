import type { ProduceRequest } from '@odradek/protocol'

const BATCH_HEADER_BYTES = 61
const MAGIC_AT = 16
const ATTRIBUTES_LOW_AT = 22
const TRANSACTIONAL_BIT = 1 << 4

/** Whether a batch of the request belongs to a transaction, by its attributes alone: what else is wrong with it comes later. */
export function hasTransactionalBatch(request: ProduceRequest): boolean {
  for (const { partitionData } of request.topicData) {
    for (const { records } of partitionData) if (records !== null && isTransactional(records)) return true
  }
  return false
}

export function isTransactional(records: Uint8Array): boolean {
  if (records.length < BATCH_HEADER_BYTES || records[MAGIC_AT] !== 2) return false
  return ((records[ATTRIBUTES_LOW_AT] ?? 0) & TRANSACTIONAL_BIT) !== 0
}
