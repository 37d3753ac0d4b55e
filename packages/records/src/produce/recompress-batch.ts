import type { Timestamp } from '@odradek/core'
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
  if (summary.hasNegativeTimestamp) {
    throw new RecordsError('UNKNOWN_SERVER_ERROR', 'a timestamp below -1, which cannot be written anew')
  }
  const { producerId, producerEpoch, baseSequence, isTransactional } = header
  const level = compressionLevel(rules, target)
  const frame = {
    ...{ producerId, producerEpoch, baseSequence, isTransactional },
    compressionType: target,
    ...(level === undefined ? {} : { compressionLevel: level }),
    ...(logAppendTime === null ? {} : { logAppendTime }),
  }
  const canTakeBytes = header.timestampType === 'CreateTime' && summary.startsAtBase && summary.areOffsetsInOrder
  if (!canTakeBytes) return buildBatch({ ...frame, records: recordsOf(plain, header) })
  return sealBatch(plain, {
    ...frame,
    baseTimestamp: header.baseTimestamp,
    maxTimestamp: logAppendTime ?? summary.maxTimestamp,
    lastOffsetDelta: header.recordsCount - 1,
    recordsCount: header.recordsCount,
  })
}
