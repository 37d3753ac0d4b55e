import { LOG_OVERHEAD_BYTES } from '../batch-header.ts'
import type { DecompressionLimits } from '../batch-records.ts'
import { codecFor, compressionTypeOf } from '../compression/codecs.ts'
import { OPENED_RECORDS_MAX } from '../opened-records.ts'
import { RecordsError } from '../records-error.ts'
import { MESSAGE_BYTES_MIN, Message } from './message.ts'

/** A message and its offset: within a wrapper of format 1 relative to the first one, else absolute. */
export interface MessageEntry {
  readonly offset: bigint
  readonly message: Message
}

const invalid = (reason: string): RecordsError => new RecordsError('INVALID_RECORD', reason)

/** The message that begins, with its offset and size, at `at`. Its bytes must be there. */
export function entryAt(bytes: Uint8Array, at: number, sizeBytes: number): MessageEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, LOG_OVERHEAD_BYTES)
  return {
    offset: view.getBigInt64(0),
    message: new Message(bytes.subarray(at + LOG_OVERHEAD_BYTES, at + sizeBytes)),
  }
}

/** The messages of an unpacked wrapper; a last one that is cut ends them without an error. */
function innerEntries(bytes: Uint8Array, wrapper: Message): MessageEntry[] {
  const isLogAppendTime = wrapper.timestampType === 'LogAppendTime'
  const time = { isLogAppendTime, timestamp: wrapper.timestamp }
  const entries: MessageEntry[] = []
  for (let at = 0; bytes.length - at >= LOG_OVERHEAD_BYTES; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, LOG_OVERHEAD_BYTES)
    const size = view.getInt32(8)
    if (size < MESSAGE_BYTES_MIN) throw new RecordsError('CORRUPT_MESSAGE', `a message of ${size} bytes`)
    if (size > bytes.length - at - LOG_OVERHEAD_BYTES) break
    if (entries.length === OPENED_RECORDS_MAX) throw invalid(`more than ${OPENED_RECORDS_MAX} messages in one`)
    const end = at + LOG_OVERHEAD_BYTES + size
    const inner = bytes.subarray(at + LOG_OVERHEAD_BYTES, end)
    const isFormat1 = inner[4] === 1
    entries.push({ offset: view.getBigInt64(0), message: new Message(inner, isFormat1 ? time : null) })
    at = end
  }
  return entries
}

/** What to add to the relative offsets in a wrapper of format 1, whose own offset is that of its last message. */
function absoluteBase(wrapper: MessageEntry, inner: readonly MessageEntry[]): bigint {
  // Old versions of librdkafka left the wrapper's offset at 0.
  if (wrapper.offset === 0n) return 0n
  const last = inner.at(-1)?.offset ?? 0n
  if (wrapper.offset < last) throw invalid(`wrapper offset ${wrapper.offset} before its last message's, ${last}`)
  return wrapper.offset - last
}

/**
 * The messages that `entry` stands for: itself, or those in it if it is compressed, with absolute offsets.
 * @throws RecordsError when it cannot be unpacked within the limit, or holds none, or holds wrappers in turn.
 */
export function unwrapped(entry: MessageEntry, limits: DecompressionLimits): readonly MessageEntry[] {
  const { message } = entry
  const type = compressionTypeOf(message.codec)
  if (type === 'none') return [entry]
  if (type === 'zstd') throw invalid('zstd in a message of format 0 or 1')
  const value = message.value()
  if (value === null) throw invalid('a compressed message without a value')
  const inner = innerEntries(codecFor(type, message.magic).decompress(value, limits.maxDecompressedBytes), message)
  if (inner.length === 0) throw invalid('a compressed message without messages in it')
  const base = message.magic === 0 ? 0n : absoluteBase(entry, inner)
  return inner.map(({ offset, message: each }) => {
    if (compressionTypeOf(each.codec) !== 'none') throw invalid('a compressed message in a compressed message')
    return { offset: BigInt.asIntN(64, base + offset), message: each }
  })
}
