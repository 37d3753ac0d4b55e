import type { MetadataRecord } from './metadata-records.ts'

/** Records of one batch of the metadata log: Kafka's controller reads no batch above 8 MB, and ours are small. */
const BATCH_RECORDS_MAX = 1000
/** Their names may be of any length: a batch is made, and written, in one turn of the event loop. */
const BATCH_BYTES_MAX = 1_048_576

export function* inBatches(records: Iterable<MetadataRecord>): Generator<readonly MetadataRecord[], void, void> {
  let batch: MetadataRecord[] = []
  let bytes = 0
  for (const record of records) {
    batch.push(record)
    bytes += record.byteLength
    if (batch.length < BATCH_RECORDS_MAX && bytes < BATCH_BYTES_MAX) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (batch.length > 0) yield batch
}
