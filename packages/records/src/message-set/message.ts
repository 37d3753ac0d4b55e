import { crc32 } from 'node:zlib'
import { NO_TIMESTAMP, type Timestamp, timestamp } from '@odradek/core'
import { CODEC_MASK, type CodecId, codecOf, LOG_APPEND_TIME_BIT } from '../batch-header.ts'
import { RecordsError } from '../records-error.ts'

/** From the checksum on: checksum, magic, attributes, (timestamp,) key and value after their lengths. */
const CRC_BYTES = 4
const MESSAGE_MAGIC_AT = 4
const MESSAGE_ATTRIBUTES_AT = 5
const MESSAGE_TIMESTAMP_AT = 6
const KEY_AT = { 0: 6, 1: 14 } as const

/** Format 0 has no key and value shorter than this. */
export const MESSAGE_BYTES_MIN = 14

const broken = (what: string): RecordsError => new RecordsError('UNKNOWN_SERVER_ERROR', `a message's ${what}`)

/** The timestamp that a wrapper of log-append time gives to all messages in it. */
export interface WrapperTime {
  readonly isLogAppendTime: boolean
  readonly timestamp: Timestamp
}

/**
 * One message of format 0 or 1, without offset and size. Its parts are looked up when asked for, because Kafka finds fault
 * with each only when it gets there; a length that points outside is to Kafka a failure of its own.
 */
export class Message {
  readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly wrapper: WrapperTime | null

  constructor(bytes: Uint8Array, wrapper: WrapperTime | null = null) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.wrapper = wrapper
  }

  get crc(): number {
    return this.view.getUint32(0)
  }

  get magic(): number {
    return this.view.getInt8(MESSAGE_MAGIC_AT)
  }

  get attributes(): number {
    return this.view.getInt8(MESSAGE_ATTRIBUTES_AT)
  }

  get codec(): CodecId {
    return codecOf(this.attributes & CODEC_MASK)
  }

  get isIntact(): boolean {
    return this.bytes.length >= MESSAGE_BYTES_MIN && crc32(this.bytes.subarray(CRC_BYTES)) === this.crc
  }

  get timestampType(): 'NoTimestampType' | 'CreateTime' | 'LogAppendTime' {
    if (this.magic === 0) return 'NoTimestampType'
    const isLogAppendTime = this.wrapper?.isLogAppendTime ?? (this.attributes & LOG_APPEND_TIME_BIT) !== 0
    return isLogAppendTime ? 'LogAppendTime' : 'CreateTime'
  }

  get timestamp(): Timestamp {
    if (this.magic === 0) return NO_TIMESTAMP
    if (this.wrapper?.isLogAppendTime) return this.wrapper.timestamp
    if (this.bytes.length < MESSAGE_TIMESTAMP_AT + 8) throw broken('timestamp is missing')
    return timestamp(this.view.getBigInt64(MESSAGE_TIMESTAMP_AT))
  }

  get hasKey(): boolean {
    return this.lengthAt(this.keyAt) >= 0
  }

  key(): Uint8Array | null {
    return this.sized(this.keyAt)
  }

  value(): Uint8Array | null {
    return this.sized(this.keyAt + 4 + Math.max(0, this.lengthAt(this.keyAt)))
  }

  private get keyAt(): number {
    return this.magic === 0 ? KEY_AT[0] : KEY_AT[1]
  }

  private lengthAt(at: number): number {
    if (at + 4 > this.bytes.length) throw broken('key or value is cut')
    return this.view.getInt32(at)
  }

  private sized(at: number): Uint8Array | null {
    const length = this.lengthAt(at)
    if (length < 0) return null
    const start = at + 4
    if (length > this.bytes.length - start) throw broken(`key or value of ${length} bytes is cut`)
    return this.bytes.subarray(start, start + length)
  }
}
