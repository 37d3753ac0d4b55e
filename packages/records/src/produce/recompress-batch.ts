import { NO_PRODUCER_ID, type Timestamp } from '@odradek/core'
import { buildBatch, type RecordToWrite, sealBatch } from '../batch-builder.ts'
import type { BatchHeader } from '../batch-header.ts'
import { recordOf } from '../batch-record.ts'
import type { CompressionType } from '../compression/codecs.ts'
import { Cursor } from '../cursor.ts'
import { RecordScanner } from '../record-scanner.ts'
import { RecordsError } from '../records-error.ts'
import { compressionLevel, type ProduceRules } from './produce-rules.ts'
import type { RecordsSummary } from './record-walk.ts'

/** A judged batch and what it is to become. */
export interface Recompression {
  /** Its records, unpacked. */
  readonly plain: Uint8Array
  readonly header: BatchHeader
  readonly summary: RecordsSummary
  readonly target: CompressionType
  readonly rules: ProduceRules
  /** Null on a topic of create time. */
  readonly logAppendTime: Timestamp | null
}

/** What Kafka stores as it comes, its writer refuses: there it is a failure of the broker. */
const notWritable = (what: string): RecordsError =>
  new RecordsError('UNKNOWN_SERVER_ERROR', `${what} cannot be written anew`)

function hasWritableProducer({ producerId, producerEpoch, baseSequence, isTransactional }: BatchHeader): boolean {
  if (producerId === NO_PRODUCER_ID) return !isTransactional
  return producerEpoch !== -1 && baseSequence >= 0
}

/** The records anew: timestamps relative to the first one, offsets 0, 1, 2 … */
function recordsOf(plain: Uint8Array, header: BatchHeader): RecordToWrite[] {
  const scanner = new RecordScanner(new Cursor(plain, 0, plain.length), 'unpacked')
  return Array.from({ length: header.recordsCount }, () => {
    scanner.read()
    const { timestamp, key, value, headers } = recordOf(scanner, header)
    return { timestamp, key, value, headers }
  })
}

/**
 * The batch that a topic with a codec of its own stores. The records' bytes are taken as they are if they already say what
 * new ones would, which is so for nearly every producer.
 */
export function recompressBatch({ plain, header, summary, target, rules, logAppendTime }: Recompression): Uint8Array {
  if (summary.hasNegativeTimestamp) throw notWritable('a timestamp below -1')
  if (!hasWritableProducer(header))
    throw notWritable('a producer id without its epoch or sequence, or a transaction without')
  const { producerId, producerEpoch, baseSequence, isTransactional } = header
  const level = compressionLevel(rules, target)
  const frame = {
    ...{ producerId, producerEpoch, baseSequence, isTransactional },
    compressionType: target,
    ...(level === undefined ? {} : { compressionLevel: level }),
    ...(logAppendTime === null ? {} : { logAppendTime }),
  }
  if (!summary.areAsWritten) return buildBatch({ ...frame, records: recordsOf(plain, header) })
  return sealBatch(plain, {
    ...frame,
    baseTimestamp: header.baseTimestamp,
    maxTimestamp: logAppendTime ?? summary.maxTimestamp,
    lastOffsetDelta: header.recordsCount - 1,
    recordsCount: header.recordsCount,
  })
}
