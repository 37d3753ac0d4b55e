import { codecOf, readAttributes } from '../batch-header.ts'
import { spanAt } from '../batch-spans.ts'
import { compressionTypeOf } from '../compression/codecs.ts'
import { RecordsError } from '../records-error.ts'
import { type ProduceRefusal, Refusal, refusalOf } from './produce-verdict.ts'

/** First request version that carries format 2, and nothing else. */
export const FORMAT_2_SINCE = 3
/** First request version that may carry zstd. (KIP-110) */
const ZSTD_SINCE = 7

const refuse = (error: 'INVALID_RECORD' | 'UNSUPPORTED_COMPRESSION_TYPE', message: string): Refusal =>
  new Refusal(error, message, { logStartKnown: false })

function check(records: Uint8Array, version: number): void {
  const first = spanAt(records, 0)
  if (first === null) throw refuse('INVALID_RECORD', 'no whole batch')
  if (first.magic !== 2) throw refuse('INVALID_RECORD', `records of format ${first.magic}`)
  if (version < ZSTD_SINCE && compressionTypeOf(codecOf(readAttributes(records, first.at))) === 'zstd') {
    throw refuse('UNSUPPORTED_COMPRESSION_TYPE', `zstd in version ${version}`)
  }
  if (first.sizeBytes < records.length && hasBatchAt(records, first.sizeBytes))
    throw refuse('INVALID_RECORD', 'more than one batch')
}

/** What is no batch behind the first one is as corrupt as a first one would be, but Kafka has no words for it. */
function hasBatchAt(records: Uint8Array, at: number): boolean {
  try {
    return spanAt(records, at) !== null
  } catch (thrown) {
    if (!(thrown instanceof RecordsError)) throw thrown
    throw new Refusal(thrown.error, thrown.message, { logStartKnown: false })
  }
}

/**
 * What Kafka checks of one partition's records before it looks at the partition: exactly one batch of format 2, no zstd
 * before version 7. Null when all is well, and for versions 0 to 2, which may carry anything. Between this and
 * `validateProduced` comes the check of in-sync replicas.
 */
export function checkProduceRequest(records: Uint8Array, version: number): ProduceRefusal | null {
  if (version < FORMAT_2_SINCE) return null
  try {
    check(records, version)
    return null
  } catch (thrown) {
    if (!(thrown instanceof RecordsError)) throw thrown
    const isTold = thrown.error === 'CORRUPT_MESSAGE' && !(thrown instanceof Refusal)
    return { ...refusalOf(thrown), message: isTold ? thrown.message : null, logStartKnown: false }
  }
}
