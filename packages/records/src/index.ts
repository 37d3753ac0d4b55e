export { type BatchToBuild, buildBatch, type RecordToWrite } from './batch-builder.ts'
export { BatchFilter, type BatchPlan } from './batch-filter.ts'
export {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  batchSizeAt,
  isBatchIntact,
  patchBatch,
  readBatchHeader,
} from './batch-header.ts'
export type { BatchRecord } from './batch-record.ts'
export { type DecompressionLimits, openBatch, recordsOf } from './batch-records.ts'
export { type AbortedTransaction, CommittedView } from './committed-view.ts'
export { codecFor } from './compression/codecs.ts'
export { unpack } from './compression/unpack.ts'
export {
  buildEndTransactionBatch,
  readEndTransactionMarker,
} from './control-batch.ts'
export { crc32c, crc32cMemory, largeCrc32cMemory } from './crc32c.ts'
export { downConvert } from './message-set/down-convert.ts'
export { MessageUpConverter } from './message-set/up-convert.ts'
export { checkProduceRequest } from './produce/check-request.ts'
export type { ProduceRules } from './produce/produce-rules.ts'
export type { ProduceRefusal, RecordFault } from './produce/produce-verdict.ts'
export { validateProduced } from './produce/validate-produced.ts'
export type { RecordScanner } from './record-scanner.ts'
export { RecordsError } from './records-error.ts'
export { firstRecordAtOrAfter, maxTimestampOf } from './time-search.ts'
