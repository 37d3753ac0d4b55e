import type { ErrorName, Outcome } from './controller.ts'
import type { MetadataRecord } from './metadata-records.ts'

/** What a command comes to: the records of one atomic batch, none when it changes nothing, and the answer. */
export interface Decision<Result> {
  readonly records: readonly MetadataRecord[]
  readonly result: Result
}

export const DONE: Outcome = { error: 'NONE', message: null }

export function failed(error: ErrorName, message: string | null): Outcome {
  return { error, message }
}

/** Too many partitions were made or deleted of late (KIP-599); Kafka has no words for it. */
export const OVER_QUOTA: Outcome = { error: 'THROTTLING_QUOTA_EXCEEDED', message: null }

/** New partitions that one request may ask for, over all its topics. */
export const NEW_PARTITIONS_MAX = 10_000
