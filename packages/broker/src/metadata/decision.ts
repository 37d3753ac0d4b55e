import type { Clock } from '@odradek/core'
import { nextTurn } from '../in-turns.ts'
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

/** Rows of one command that are decided in one turn of the event loop; the metadata do not change in between. */
const ROWS_PER_DECISION = 500

/** A decision on many rows, as many turns as they need. `decide` is given some of them at a time, in order. */
export async function decideInTurns<Row, Result>(
  clock: Pick<Clock, 'soon'>,
  rows: readonly Row[],
  decide: (rows: readonly Row[]) => Decision<readonly Result[]>,
): Promise<Decision<readonly Result[]>> {
  if (rows.length <= ROWS_PER_DECISION) return decide(rows)
  const records: MetadataRecord[] = []
  const result: Result[] = []
  for (let start = 0; start < rows.length; start += ROWS_PER_DECISION) {
    const some = decide(rows.slice(start, start + ROWS_PER_DECISION))
    for (const record of some.records) records.push(record)
    for (const row of some.result) result.push(row)
    await nextTurn(clock)
  }
  return { records, result }
}
