import { assert, type WallMs } from '@odradek/core'
import { batchSizeAt } from '../batch-header.ts'
import { RecordsError } from '../records-error.ts'
import { FORMAT_2_SINCE } from './check-request.ts'
import type { ProduceRules } from './produce-rules.ts'
import { type ProduceVerdict, refusalOf } from './produce-verdict.ts'
import { validateBatch } from './validate-batch.ts'
import { validateMessages } from './validate-messages.ts'

/**
 * Kafka's verdict on the records that a Produce request of `version` brings for one partition, once `checkProduceRequest`
 * has found nothing wrong: refused with the error of the response, or the batch to append. An accepted batch is the
 * client's own bytes, with timestamp type, maximum timestamp and checksum corrected in place where they must be; it is
 * memory of its own after conversion from formats 0 and 1 or to the topic's codec.
 */
export function validateProduced(
  records: Uint8Array,
  version: number,
  rules: ProduceRules,
  nowMs: WallMs,
): ProduceVerdict {
  try {
    if (version < FORMAT_2_SINCE) return validateMessages(records, rules, nowMs)
    const sizeBytes = batchSizeAt(records, 0)
    assert(sizeBytes !== null && sizeBytes <= records.length, 'checkProduceRequest was not asked')
    return validateBatch(records.length === sizeBytes ? records : records.subarray(0, sizeBytes), rules, nowMs)
  } catch (thrown) {
    if (thrown instanceof RecordsError) return refusalOf(thrown)
    throw thrown
  }
}
