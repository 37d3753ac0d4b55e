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
export { type BatchSpan, batchSpansOf } from './batch-spans.ts'
export type { CompressionType } from './compression/codecs.ts'
export {
  buildEndTransactionBatch,
  type EndTransactionMarker,
  readEndTransactionMarker,
  type TransactionOutcome,
} from './control-batch.ts'
export { crc32c, crc32cMemory } from './crc32c.ts'
export { type DownConversion, downConvert } from './message-set/down-convert.ts'
export { checkProduceRequest } from './produce/check-request.ts'
export type { ProduceRules } from './produce/produce-rules.ts'
export type { ProduceAcceptance, ProduceRefusal, ProduceVerdict, RecordFault } from './produce/produce-verdict.ts'
export { validateProduced } from './produce/validate-produced.ts'
export { RecordsError, type RecordsErrorName } from './records-error.ts'
export { firstRecordAtOrAfter, maxTimestampOf, type TimedOffset } from './time-search.ts'
