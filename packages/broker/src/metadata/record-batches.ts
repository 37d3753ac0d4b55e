import type { MetadataRecord } from './metadata-records.ts'

/** Records of one batch of the metadata log: Kafka's controller reads no batch above 8 MB, and ours are small. */
const BATCH_RECORDS_MAX = 1000

export function* inBatches(records: Iterable<MetadataRecord>): Generator<readonly MetadataRecord[], void, void> {
  let batch: MetadataRecord[] = []
  for (const record of records) {
    batch.push(record)
    if (batch.length < BATCH_RECORDS_MAX) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
