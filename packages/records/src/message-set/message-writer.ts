import { crc32 } from 'node:zlib'
import { assert, type Timestamp } from '@odradek/core'
import { LOG_APPEND_TIME_BIT } from '../batch-header.ts'
import { ByteWriter } from '../byte-writer.ts'
import { type CompressionType, codecFor, codecIdOf } from '../compression/codecs.ts'
import { largestTimestamp } from '../largest-timestamp.ts'

/** A record for a client of the time before format 2: no headers. */
export interface MessageToWrite {
  /** Absolute. */
  readonly offset: bigint
  readonly timestamp: Timestamp
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/** How messages are written. */
export interface MessageFormat {
  readonly magic: 0 | 1
  readonly compressionType: Exclude<CompressionType, 'zstd'>
  /** Makes it log-append time: the timestamp that all messages get. */
  readonly logAppendTime?: Timestamp
}

function sized(writer: ByteWriter, value: Uint8Array | null): void {
  writer.int32(value === null ? -1 : value.length)
  if (value !== null) writer.bytes(value)
}

function writeMessage(writer: ByteWriter, message: MessageToWrite, magic: 0 | 1, attributes: number): void {
  writer.int64(message.offset)
  const sizeAt = writer.length
  writer.int32(0)
  writer.int32(0)
  const bodyAt = writer.length
  writer.int8(magic)
  writer.int8(attributes)
  if (magic === 1) writer.int64(message.timestamp)
  sized(writer, message.key)
  sized(writer, message.value)
  writer.patchInt32(sizeAt, writer.length - sizeAt - 4)
  writer.patchInt32(bodyAt - 4, crc32(writer.writtenFrom(bodyAt)) | 0)
}

/** A message set: one message after the other, or one wrapper that holds them compressed, which takes at least one. */
export function writeMessageSet(messages: readonly MessageToWrite[], format: MessageFormat): Uint8Array {
  const { magic, compressionType, logAppendTime } = format
  const timeBit = magic === 1 && logAppendTime !== undefined ? LOG_APPEND_TIME_BIT : 0
  const first = messages[0]
  const last = messages.at(-1)
  const isWrapped = compressionType !== 'none'
  const writer = new ByteWriter()
  // Format 1 counts from the wrapper's first message; format 0 has absolute offsets inside too. (KIP-31)
  const base = isWrapped && magic === 1 ? (first?.offset ?? 0n) : 0n
  for (const message of messages) {
    const timestamp = logAppendTime ?? message.timestamp
    writeMessage(writer, { ...message, offset: message.offset - base, timestamp }, magic, timeBit)
  }
  if (!isWrapped) return writer.written()
  assert(last !== undefined, 'a wrapper holds at least one message')
  const wrapper = new ByteWriter()
  const value = codecFor(compressionType, magic).compress(writer.written())
  const timestamp = logAppendTime ?? largestTimestamp(messages)
  writeMessage(
    wrapper,
    { offset: last.offset, timestamp, key: null, value },
    magic,
    codecIdOf(compressionType) | timeBit,
  )
  return wrapper.written()
}
