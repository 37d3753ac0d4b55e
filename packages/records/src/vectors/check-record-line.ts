import { isDeepStrictEqual } from 'node:util'
import { describeRecords } from './describe-records.ts'
import { produceProblems } from './produce-line.ts'
import { bytesOf, type RecordLine } from './record-line.ts'
import { reencodingProblems } from './reencode-records.ts'

function readingProblems(line: RecordLine): string[] {
  const { batches, truncatedBytes, readError } = line
  const found = describeRecords(bytesOf(line))
  const expected = readError
    ? { readError: { stage: readError.stage, error: readError.error } }
    : { batches, ...(truncatedBytes === undefined ? {} : { truncatedBytes }) }
  return isDeepStrictEqual(found, expected) ? [] : [`read as ${JSON.stringify(found)}`]
}

/**
 * What does not agree with Kafka in one line of record vectors: how it is read, what it is when written again, and the
 * verdict on producing it under `odradek.record.validation=full`. Empty when all is well.
 */
export function checkRecordLine(line: RecordLine): string[] {
  // A broken line holds what no writer of ours would write.
  const isRewritable = line.fault === undefined && line.readError === undefined
  return [
    ...readingProblems(line),
    ...(isRewritable ? reencodingProblems(bytesOf(line)) : []),
    ...produceProblems(line),
  ]
}
