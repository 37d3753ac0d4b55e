import { assert, type Timestamp, timestamp, type WallMs } from '@odradek/core'
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  isBatchIntact,
  readBaseOffset,
  readBatchHeader,
} from '../batch-header.ts'
import { openBatch } from '../batch-records.ts'
import { setBatchTimestamps } from '../batch-timestamps.ts'
import { type CompressionType, compressionTypeOf } from '../compression/codecs.ts'
import { OPENED_RECORDS_MAX } from '../opened-records.ts'
import { RecordsError } from '../records-error.ts'
import { type ProduceRules, targetCompression } from './produce-rules.ts'
import { type ProduceAcceptance, tooLarge } from './produce-verdict.ts'
import { recompressBatch } from './recompress-batch.ts'
import { type RecordDemands, type RecordsSummary, walkRecords } from './record-walk.ts'
import { type TimestampWindow, timestampWindow } from './timestamp-window.ts'

const UNSET_BEFORE_MAX_MS = 2n ** 63n - 1n
/** A length, attributes, two deltas, and the lengths of key, value and headers. */
const RECORD_BYTES_MIN = 7

const invalid = (message: string): RecordsError => new RecordsError('INVALID_RECORD', message)

/** Everything that can be said of a batch without its records, in Kafka's order. */
function checkHeader(batch: Uint8Array, rules: ProduceRules): BatchHeader {
  if (batch.length < BATCH_HEADER_BYTES) {
    const baseOffset = readBaseOffset(batch)
    if (baseOffset !== 0n) throw invalid(`base offset ${baseOffset}`)
    throw new RecordsError('CORRUPT_MESSAGE', `a batch of ${batch.length} bytes`)
  }
  const header = readBatchHeader(batch)
  if (header.baseOffset !== 0) throw invalid(`base offset ${readBaseOffset(batch)}`)
  assert(header.sizeBytes === batch.length, 'the batch is not cut out as its length says')
  if (batch.length > rules.maxMessageBytes) throw tooLarge(batch.length)
  if (!isBatchIntact(batch, 0, batch.length)) throw new RecordsError('CORRUPT_MESSAGE', 'wrong checksum')
  return header
}

function checkShape(header: BatchHeader): void {
  const { recordsCount, lastOffsetDelta } = header
  if (recordsCount <= 0 || recordsCount !== lastOffsetDelta + 1) {
    throw invalid(`${recordsCount} records with a last offset delta of ${lastOffsetDelta}`)
  }
  if (header.isControl) throw invalid('a control batch from a client')
  if (header.producerId >= 0n && header.baseSequence < 0) throw invalid(`base sequence ${header.baseSequence}`)
}

/**
 * Whether a compressed batch that keeps its codec must be opened. Its header is believed where nothing contradicts it;
 * what the topic demands of keys, or of timestamps that the header does not tell, cannot be.
 */
function mustOpen(header: BatchHeader, rules: ProduceRules, window: TimestampWindow | null): boolean {
  if (rules.validation === 'full' || rules.isCompacted) return true
  const isLogAppendTime = header.timestampType === 'LogAppendTime'
  if (window === null) return isLogAppendTime
  if (!window.admits(header.maxTimestamp)) return true
  if (isLogAppendTime) return header.maxTimestamp === -1n
  return rules.timestampBeforeMaxMs !== UNSET_BEFORE_MAX_MS
}

interface Context {
  readonly batch: Uint8Array
  readonly header: BatchHeader
  readonly rules: ProduceRules
  readonly demands: RecordDemands
  /** Null on a topic of create time. */
  readonly logAppendTime: Timestamp | null
}

/** The batch with the timestamps that it is stored with; `maxTimestamp` is the true one, as far as it is known. */
function keep({ batch, header, logAppendTime }: Context, maxTimestamp: Timestamp): ProduceAcceptance {
  const type = logAppendTime === null ? 'CreateTime' : 'LogAppendTime'
  return { ok: true, batch, header: setBatchTimestamps(batch, header, type, logAppendTime ?? maxTimestamp) }
}

function keepPlain(context: Context): ProduceAcceptance {
  const { batch, header, rules, demands } = context
  return keep(context, walkRecords(openBatch(batch, header, rules), header, demands, 'read').maxTimestamp)
}

function keepCompressed(context: Context): ProduceAcceptance {
  const { batch, header, rules, demands } = context
  // Offsets are given out by the header's word: it may at least not claim more records than there can be.
  if (header.recordsCount * RECORD_BYTES_MIN > rules.maxDecompressedBytes)
    throw invalid(`${header.recordsCount} records`)
  if (!mustOpen(header, rules, demands.window)) return keep(context, header.maxTimestamp)
  const summary = walkRecords(openBatch(batch, header, rules), header, demands, 'skim')
  // Kafka would have to write such a batch anew, but has not kept its keys and values by then: its failure, not the client's.
  if (!summary.areOffsetsInOrder) throw new RecordsError('UNKNOWN_SERVER_ERROR', 'offset deltas are not 0, 1, 2 …')
  return keep(context, summary.maxTimestamp)
}

function recompress(context: Context, target: CompressionType): ProduceAcceptance {
  const { batch, header, rules, demands, logAppendTime } = context
  const scanner = openBatch(batch, header, rules)
  const { bytes } = scanner
  const start = scanner.cursor.at
  const summary: RecordsSummary = walkRecords(scanner, header, demands, 'read')
  const plain = bytes.subarray(start, scanner.cursor.at)
  const written = recompressBatch({ plain, header, summary, target, rules, logAppendTime })
  if (written.length > rules.maxMessageBytes) throw tooLarge(written.length)
  return { ok: true, batch: written, header: readBatchHeader(written) }
}

/**
 * Judges the one batch that `batch` is. Where only timestamps must be corrected this happens in place, so that an untouched
 * batch is never copied; nothing is written before all checks have passed.
 */
export function validateBatch(batch: Uint8Array, rules: ProduceRules, nowMs: WallMs): ProduceAcceptance {
  const header = checkHeader(batch, rules)
  const source = compressionTypeOf(header.codec)
  checkShape(header)
  const isCreateTime = rules.timestampType === 'CreateTime'
  const context: Context = {
    batch,
    header,
    rules,
    demands: { requiresKey: rules.isCompacted, window: isCreateTime ? timestampWindow(rules, nowMs) : null },
    logAppendTime: isCreateTime ? null : timestamp(BigInt(nowMs)),
  }
  if (source !== 'none' && header.recordsCount > OPENED_RECORDS_MAX) throw invalid(`${header.recordsCount} records`)
  const target = targetCompression(rules, source)
  if (source !== target) return recompress(context, target)
  return source === 'none' ? keepPlain(context) : keepCompressed(context)
}
