import { timestamp } from '@odradek/core'
import { buildBatch } from '../batch-builder.ts'
import { BATCH_HEADER_BYTES, type BatchHeader, CRC_AT, LENGTH_AT, readBatchHeader } from '../batch-header.ts'
import { recordOf } from '../batch-record.ts'
import { scannedRecords } from '../batch-records.ts'
import { batchSpansOf } from '../batch-spans.ts'
import { compressionTypeOf } from '../compression/codecs.ts'
import { entryAt, unwrapped } from '../message-set/message-entries.ts'
import { writeMessageSet } from '../message-set/message-writer.ts'
import { describeRecords, LINE_LIMITS } from './describe-records.ts'

/** Reads the batch and builds it again from what was read. */
function rebuildBatch(batch: Uint8Array): Uint8Array {
  const header = readBatchHeader(batch)
  // Records keep the time they were created at, even where the append time is what readers see.
  const asCreated: BatchHeader = {
    ...header,
    baseOffset: readBatchHeader(new Uint8Array(BATCH_HEADER_BYTES)).baseOffset,
    timestampType: 'CreateTime',
  }
  const records = []
  for (const scanner of scannedRecords(batch, asCreated, LINE_LIMITS)) records.push(recordOf(scanner, asCreated))
  const { producerId, producerEpoch, baseSequence, isTransactional, isControl, partitionLeaderEpoch, lastOffsetDelta } =
    header
  const built = buildBatch({
    ...{ records, producerId, producerEpoch, baseSequence, isTransactional, isControl, partitionLeaderEpoch },
    lastOffsetDelta,
    compressionType: compressionTypeOf(header.codec),
    ...(header.timestampType === 'LogAppendTime' ? { logAppendTime: header.maxTimestamp } : {}),
    ...(header.hasDeleteHorizon ? { deleteHorizonMs: header.baseTimestamp } : {}),
    ...(records.length === 0 ? { maxTimestamp: header.maxTimestamp } : {}),
  })
  // Outside the checksum, and in some vectors past 2^53.
  built.set(batch.subarray(0, 8))
  return built
}

function rebuildMessage(bytes: Uint8Array): Uint8Array {
  const entry = entryAt(bytes, 0, bytes.length)
  const { message } = entry
  const compressionType = compressionTypeOf(message.codec)
  if (compressionType === 'zstd') throw new Error('unreachable: unwrapped refuses it')
  const messages = unwrapped(entry, LINE_LIMITS).map(({ offset, message: each }) => ({
    ...{ offset, timestamp: each.timestamp },
    key: each.key(),
    value: each.value(),
  }))
  const isLogAppendTime = message.timestampType === 'LogAppendTime'
  return writeMessageSet(messages, {
    magic: message.magic === 0 ? 0 : 1,
    compressionType,
    ...(isLogAppendTime ? { logAppendTime: timestamp(message.timestamp) } : {}),
  })
}

/** What must be equal where a compressor of ours has packed the same contents differently. */
function unpackedForm(bytes: Uint8Array): string {
  const description = describeRecords(bytes)
  const drop = (key: string, value: unknown) => (key === 'crc' || key === 'batchLength' ? undefined : value)
  return JSON.stringify(description, drop)
}

function headerBytes(batch: Uint8Array): string {
  const header = Buffer.from(batch.subarray(0, BATCH_HEADER_BYTES))
  header.fill(0, LENGTH_AT, LENGTH_AT + 4)
  header.fill(0, CRC_AT, CRC_AT + 4)
  return header.toString('hex')
}

/** What is wrong with each batch or message of `bytes` when it is read and written again. */
export function reencodingProblems(bytes: Uint8Array): string[] {
  const problems: string[] = []
  for (const { at, sizeBytes, magic } of batchSpansOf(bytes)) {
    const original = bytes.subarray(at, at + sizeBytes)
    const rebuilt = magic === 2 ? rebuildBatch(original) : rebuildMessage(original)
    const codec = magic === 2 ? readBatchHeader(original).codec : entryAt(original, 0, sizeBytes).message.codec
    if (codec === 0) {
      if (Buffer.compare(original, rebuilt) !== 0)
        problems.push(`re-encoded at ${at}: ${Buffer.from(rebuilt).toString('hex')}`)
    } else {
      if (magic === 2 && headerBytes(original) !== headerBytes(rebuilt))
        problems.push(`header re-encoded at ${at} differs`)
      if (unpackedForm(original) !== unpackedForm(rebuilt)) problems.push(`contents re-encoded at ${at} differ`)
    }
  }
  return problems
}
