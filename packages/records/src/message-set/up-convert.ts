import { NO_TIMESTAMP, type Timestamp } from '@odradek/core'
import { buildBatch, type RecordToWrite } from '../batch-builder.ts'
import type { DecompressionLimits } from '../batch-records.ts'
import { type CompressionType, compressionTypeOf } from '../compression/codecs.ts'
import { RecordsError } from '../records-error.ts'
import type { Message } from './message.ts'
import { entryAt, type MessageEntry, unwrapped } from './message-entries.ts'

/** Messages that stood alone are gathered into batches of this size at most: a header for each would double them. */
const GATHERED_BYTES_MAX = 16_384

/**
 * Stored messages of formats 0 and 1 as batches of format 2, every record under the offset and timestamp that it had. A
 * compressed wrapper becomes a batch of the same codec, messages that stand alone are gathered.
 */
export class MessageUpConverter {
  private readonly limits: DecompressionLimits
  private gathered: RecordToWrite[] = []
  private gatheredBytes = 0
  /** Of the gathered messages, where they have log-append time. */
  private appendTime: Timestamp | null = null

  constructor(limits: DecompressionLimits) {
    this.limits = limits
  }

  /**
   * Takes the message or wrapper of `sizeBytes` at `at`. Returns the batches that are finished with it; what is still
   * gathered refers to `bytes` until `finish` is called.
   * @throws RecordsError when its checksum is wrong or it cannot be unpacked; it is as if it had not been given then.
   */
  take(bytes: Uint8Array, at: number, sizeBytes: number): readonly Uint8Array[] {
    const entry = entryAt(bytes, at, sizeBytes)
    const { message } = entry
    if (!message.isIntact) throw new RecordsError('CORRUPT_MESSAGE', 'a message whose checksum is wrong')
    const type = compressionTypeOf(message.codec)
    const records = unwrapped(entry, this.limits).map(recordOf)
    const appendTime = appendTimeOf(message)
    if (type !== 'none') return [...this.finish(), ...built(records, appendTime, type)]
    const finished =
      appendTime !== this.appendTime || this.gatheredBytes + sizeBytes > GATHERED_BYTES_MAX ? this.finish() : []
    this.appendTime = appendTime
    this.gatheredBytes += sizeBytes
    this.gathered.push(...records)
    return finished
  }

  /** The batch of what is still gathered, if any is. */
  finish(): readonly Uint8Array[] {
    const batches = built(this.gathered, this.appendTime, 'none')
    this.gathered = []
    this.gatheredBytes = 0
    return batches
  }
}

function built(
  records: readonly RecordToWrite[],
  logAppendTime: Timestamp | null,
  compressionType: CompressionType,
): readonly Uint8Array[] {
  const baseOffset = records[0]?.offset
  if (baseOffset === undefined) return []
  return [buildBatch({ records, baseOffset, compressionType, ...(logAppendTime === null ? {} : { logAppendTime }) })]
}

const appendTimeOf = (message: Message): Timestamp | null =>
  message.timestampType === 'LogAppendTime' ? message.timestamp : null

function recordOf({ offset, message }: MessageEntry): RecordToWrite {
  // Below -1 nothing means anything, and format 2 has no place for it.
  const hasTimestamp = message.timestamp >= 0n
  return {
    offset: Number(offset),
    timestamp: hasTimestamp ? message.timestamp : NO_TIMESTAMP,
    key: message.key(),
    value: message.value(),
  }
}
