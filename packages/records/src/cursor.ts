import { RecordsError } from './records-error.ts'

const cut = () => new RecordsError('INVALID_RECORD', 'the records end inside a record')
const tooLong = () => new RecordsError('INVALID_RECORD', 'a varint is too long')

/**
 * Reads records out of bytes without making objects, and never past `end`: validation walks millions of them. Running out
 * of bytes and varints that do not end are a RecordsError.
 */
export class Cursor {
  readonly bytes: Uint8Array
  at: number
  readonly end: number

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get remaining(): number {
    return this.end - this.at
  }

  byte(): number {
    if (this.at >= this.end) throw cut()
    return this.bytes[this.at++] ?? 0
  }

  /** Zigzag, 32 bits; like Kafka's reader it drops the bits past the 32nd of a fifth byte. */
  varint(): number {
    const { bytes, at } = this
    // Nearly all have one byte or two, and there are six of them in a record.
    if (this.end - at >= 2) {
      const first = bytes[at] ?? 0
      if (first < 0x80) {
        this.at = at + 1
        return (first >>> 1) ^ -(first & 1)
      }
      const second = bytes[at + 1] ?? 0
      if (second < 0x80) {
        this.at = at + 2
        return (((first & 0x7f) | (second << 7)) >>> 1) ^ -(first & 1)
      }
    }
    return this.longVarint()
  }

  private longVarint(): number {
    let raw = this.byte()
    if (raw >= 0x80) {
      raw &= 0x7f
      for (let shift = 7; ; shift += 7) {
        if (shift > 28) throw tooLong()
        const next = this.byte()
        raw |= (next & 0x7f) << shift
        if (next < 0x80) break
      }
    }
    return (raw >>> 1) ^ -(raw & 1)
  }

  /** Zigzag, 64 bits: a number where one holds it exactly, which is so for all but absurd timestamps. */
  varlong(): number | bigint {
    const start = this.at
    let raw = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const next = this.byte()
      raw |= (next & 0x7f) << shift
      if (next < 0x80) return (raw >>> 1) ^ -(raw & 1)
    }
    let high = 0
    for (let shift = 0; shift < 21; shift += 7) {
      const next = this.byte()
      high |= (next & 0x7f) << shift
      if (next < 0x80) return unzigzag(high * 2 ** 28 + raw)
    }
    this.at = start
    return this.wideVarlong()
  }

  /** Moves on by `count` bytes; by none when `count` is negative, which stands for null: any negative length, not only -1. */
  skip(count: number): void {
    if (count <= 0) return
    if (count > this.end - this.at) throw cut()
    this.at += count
  }

  private wideVarlong(): bigint {
    let raw = 0n
    for (let shift = 0n; ; shift += 7n) {
      if (shift > 63n) throw tooLong()
      const next = this.byte()
      raw |= BigInt(next & 0x7f) << shift
      if (next < 0x80) break
    }
    raw = BigInt.asUintN(64, raw)
    return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n))
  }
}

const unzigzag = (raw: number): number => (raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2)
