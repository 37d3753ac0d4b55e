export { type BatchToBuild, buildBatch, type RecordToWrite } from './batch-builder.ts'
export {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  batchSizeAt,
  type CodecId,
  isBatchIntact,
  LOG_OVERHEAD_BYTES,
  patchBatch,
  readBatchHeader,
} from './batch-header.ts'
export type { BatchRecord, RecordHeader } from './batch-record.ts'
export { type DecompressionLimits, recordsOf } from './batch-records.ts'
export type { CompressionType } from './compression/codecs.ts'
export { crc32c } from './crc32c.ts'
export { RecordsError, type RecordsErrorName } from './records-error.ts'
