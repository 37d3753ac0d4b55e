import { NO_TIMESTAMP, type Timestamp, timestamp, type WallMs } from '@odradek/core'
import { buildBatch, type RecordToWrite } from '../batch-builder.ts'
import { readBatchHeader } from '../batch-header.ts'
import { type BatchSpan, batchSpansOf, isSpanIntact } from '../batch-spans.ts'
import { type CompressionType, compressionTypeOf } from '../compression/codecs.ts'
import type { Message } from '../message-set/message.ts'
import { entryAt, type MessageEntry, unwrapped } from '../message-set/message-entries.ts'
import { RecordsError } from '../records-error.ts'
import { compressionLevel, type ProduceRules, targetCompression } from './produce-rules.ts'
import { type ProduceAcceptance, tooLarge } from './produce-verdict.ts'
import { RecordFaults } from './record-faults.ts'
import { TimestampWindow } from './timestamp-window.ts'
import { validateBatch } from './validate-batch.ts'

const invalid = (reason: string): RecordsError => new RecordsError('INVALID_RECORD', reason)

/** Where the messages lie, once size and checksum of each are right; a bad one is found before what follows it. */
function checkedSpans(records: Uint8Array, rules: ProduceRules): BatchSpan[] {
  const spans: BatchSpan[] = []
  for (const span of batchSpansOf(records)) {
    if (span.sizeBytes > rules.maxMessageBytes) throw tooLarge(span.sizeBytes)
    if (!isSpanIntact(records, span)) throw new RecordsError('CORRUPT_MESSAGE', 'wrong checksum')
    spans.push(span)
  }
  if (spans.some(({ magic }) => magic !== spans[0]?.magic)) throw invalid('messages of several formats')
  return spans
}

/** The codec of the set: a wrapper stands alone in it. */
function sourceCompression(entries: readonly MessageEntry[]): CompressionType {
  const types = entries.map(({ message }) => compressionTypeOf(message.codec))
  const compressed = types.find((type) => type !== 'none')
  if (compressed !== undefined && entries.length > 1) throw invalid('a wrapper among other messages')
  return compressed ?? 'none'
}

/** Where Kafka measures a message or puts it into words, key or value being cut is what it finds first. */
function measure(message: Message): void {
  message.key()
  message.value()
}

/** Judges single messages as the topic demands. */
class MessageJudge {
  private readonly rules: ProduceRules
  private readonly window: TimestampWindow | null

  constructor(rules: ProduceRules, nowMs: WallMs) {
    this.rules = rules
    this.window = rules.timestampType === 'CreateTime' ? new TimestampWindow(rules, nowMs) : null
  }

  /** What is wrong with `message`, which stands in `outer` or is it. */
  judge(message: Message, outer: Message, index: number, faults: RecordFaults): void {
    if (message.magic !== outer.magic) {
      measure(message)
      faults.otherMagic(index, message.magic, outer.magic)
      return
    }
    // The checksum of a message that stands alone has been looked at already.
    if (message !== outer && !message.isIntact) throw new RecordsError('CORRUPT_MESSAGE', 'wrong checksum in a wrapper')
    const { window } = this
    const isTimed = message.timestamp !== NO_TIMESTAMP
    if (this.rules.isCompacted && !message.hasKey) faults.withoutKey(index)
    else if (window !== null && isTimed) {
      if (!window.admits(message.timestamp)) faults.outsideWindow(index, message.timestamp, window)
    } else if (outer.timestampType === 'LogAppendTime') {
      measure(message)
      faults.logAppendTime(index)
    }
  }
}

function recordOf({ message }: MessageEntry): RecordToWrite {
  const { timestamp: found } = message
  if (found < NO_TIMESTAMP) throw new RecordsError('UNKNOWN_SERVER_ERROR', `timestamp ${found} cannot be written anew`)
  return { timestamp: found, key: message.key(), value: message.value() }
}

function upConvert(
  records: readonly RecordToWrite[],
  target: CompressionType,
  rules: ProduceRules,
  now: Timestamp,
): Uint8Array {
  const level = compressionLevel(rules, target)
  return buildBatch({
    records,
    compressionType: target,
    ...(level === undefined ? {} : { compressionLevel: level }),
    ...(rules.timestampType === 'LogAppendTime' ? { logAppendTime: now } : {}),
  })
}

/** Judges a message set of Produce 0 to 2 and writes it as one batch of format 2, the only one that is stored. */
export function validateMessages(records: Uint8Array, rules: ProduceRules, nowMs: WallMs): ProduceAcceptance {
  const spans = checkedSpans(records, rules)
  const first = spans[0]
  if (first === undefined) throw invalid('no whole message')
  if (first.magic === 2) {
    if (spans.length > 1) throw invalid('more than one batch')
    return validateBatch(records.subarray(0, first.sizeBytes), rules, nowMs)
  }
  const entries = spans.map(({ at, sizeBytes }) => entryAt(records, at, sizeBytes))
  const source = sourceCompression(entries)
  const target = targetCompression(rules, source)
  if (source === 'none' && target === 'none') for (const { message } of entries) measure(message)
  const judge = new MessageJudge(rules, nowMs)
  const converted: RecordToWrite[] = []
  for (const entry of entries) {
    const faults = new RecordFaults()
    const inner = unwrapped(entry, rules)
    for (const [index, { message }] of inner.entries()) judge.judge(message, entry.message, index, faults)
    faults.refuseIfAny()
    for (const each of inner) converted.push(recordOf(each))
  }
  const batch = upConvert(converted, target, rules, timestamp(BigInt(nowMs)))
  if (batch.length > rules.maxMessageBytes) throw tooLarge(batch.length)
  return { ok: true, batch, header: readBatchHeader(batch) }
}
