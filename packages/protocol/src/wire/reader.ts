import { Buffer } from 'node:buffer'
import { int16At, int32At, int64At, uint32At } from '@odradek/core'
import { arrayElementsMax, messageElementsMax, stringBytesMax, taggedFieldsMax } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'
import type { Tagged, UnknownTag } from './tagged.ts'
import { cachedText } from './text-cache.ts'
import { elementsPerTurn, type Turns } from './turns.ts'
import { decodeUtf8 } from './utf8.ts'
import { unsignedVarintBytesMax } from './varint.ts'

const zeroUuid = 'AAAAAAAAAAAAAAAAAAAAAA'
const uuidBytes = 16

/**
 * Reads Kafka's primitive types from bytes, in order. Every read is checked against the end: what is cut short, too
 * long or null where it may not be is a `ProtocolError`, and nothing is allocated for a length that cannot be there.
 * `flexible` selects the compact forms. Byte fields are views into `bytes`, not copies.
 */
export class Reader {
  readonly bytes: Buffer
  readonly end: number
  position: number
  private readonly elementsMax: number
  private elementsLeft: number
  private turnElements = 0

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, elementsMax = messageElementsMax) {
    this.elementsMax = elementsMax
    this.elementsLeft = elementsMax
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.position = start
    this.end = end
  }

  /** Elements of arrays, and tags, that were read so far. */
  get elements(): number {
    return this.elementsMax - this.elementsLeft
  }

  get remaining(): number {
    return this.end - this.position
  }

  bool(): boolean {
    return this.bytes[this.take(1, 'bool')] !== 0
  }

  int8(): number {
    return ((this.bytes[this.take(1, 'int8')] ?? 0) << 24) >> 24
  }

  int16(): number {
    return int16At(this.bytes, this.take(2, 'int16'))
  }

  uint16(): number {
    return int16At(this.bytes, this.take(2, 'uint16')) & 0xffff
  }

  int32(): number {
    return int32At(this.bytes, this.take(4, 'int32'))
  }

  uint32(): number {
    return uint32At(this.bytes, this.take(4, 'uint32'))
  }

  int64(): bigint {
    return int64At(this.bytes, this.take(8, 'int64'))
  }

  float64(): number {
    return this.bytes.readDoubleBE(this.take(8, 'float64'))
  }

  /** 22 characters of base64url. */
  uuid(): string {
    const start = this.take(uuidBytes, 'uuid')
    for (let position = start; position < start + uuidBytes; position++) {
      if (this.bytes[position] !== 0) return this.bytes.toString('base64url', start, start + uuidBytes)
    }
    return zeroUuid
  }

  unsignedVarint(): number {
    const first = this.position < this.end ? (this.bytes[this.position] ?? 0) : 0x80
    if (first < 0x80) {
      this.position++
      return first
    }
    let value = 0
    for (let index = 0; index < unsignedVarintBytesMax; index++) {
      const byte = this.bytes[this.take(1, 'varint')] ?? 0
      value |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) return value >>> 0
    }
    throw this.error(`a varint goes on past ${unsignedVarintBytesMax} bytes`)
  }

  string(flexible: boolean): string {
    return this.nullableString(flexible) ?? this.refuseNull('string')
  }

  nullableString(flexible: boolean): string | null {
    const length = flexible ? this.compactLength() : this.int16()
    if (length < 0) return null
    if (length > stringBytesMax) throw this.error(`a string of ${length} bytes is over the limit of ${stringBytesMax}`)
    const start = this.take(length, 'string')
    return cachedText(this.bytes, start, length) ?? decodeUtf8(this.bytes, start, start + length)
  }

  byteArray(flexible: boolean): Uint8Array {
    return this.nullableByteArray(flexible) ?? this.refuseNull('bytes')
  }

  nullableByteArray(flexible: boolean): Uint8Array | null {
    const length = flexible ? this.compactLength() : this.int32()
    return length < 0 ? null : this.raw(length)
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    const start = this.take(length, 'bytes')
    return this.bytes.subarray(start, start + length)
  }

  /** Number of elements that follow. */
  arrayLength(flexible: boolean): number {
    const length = this.nullableArrayLength(flexible)
    return length < 0 ? this.refuseNull('array') : length
  }

  /** Number of elements that follow, or -1 for null. */
  nullableArrayLength(flexible: boolean): number {
    const length = flexible ? this.compactLength() : this.int32()
    if (length < 0) return -1
    // No element takes less than a byte, so a count beyond the rest cannot be true.
    if (length > this.remaining)
      throw this.error(`an array of ${length} elements does not fit in ${this.remaining} bytes`)
    if (length > arrayElementsMax)
      throw this.error(`an array of ${length} elements is over the limit of ${arrayElementsMax}`)
    this.countElements(length)
    return length
  }

  array<T>(flexible: boolean, read: (reader: Reader) => T): T[] {
    return this.nullableArray(flexible, read) ?? this.refuseNull('array')
  }

  nullableArray<T>(flexible: boolean, read: (reader: Reader) => T): T[] | null {
    const length = this.nullableArrayLength(flexible)
    if (length < 0) return null
    const values: T[] = []
    for (let index = 0; index < length; index++) values.push(read(this))
    return values
  }

  *arrayInTurns<T>(flexible: boolean, read: (reader: Reader) => T): Turns<T[]> {
    return (yield* this.nullableArrayInTurns(flexible, read)) ?? this.refuseNull('array')
  }

  *nullableArrayInTurns<T>(flexible: boolean, read: (reader: Reader) => T): Turns<T[] | null> {
    const length = this.nullableArrayLength(flexible)
    if (length < 0) return null
    const values: T[] = []
    for (let index = 0; index < length; index++) {
      values.push(read(this))
      if (this.endsTurn()) yield
    }
    return values
  }

  /** Counts an element that was read in turns: whether it was the last for this one. */
  endsTurn(): boolean {
    this.turnElements += 1
    if (this.turnElements < elementsPerTurn) return false
    this.turnElements = 0
    return true
  }

  /** The byte before a nullable struct: whether the struct follows. */
  structPresent(): boolean {
    return this.int8() >= 0
  }

  /** The number before a nullable struct that is a tagged field. */
  taggedStructPresent(): boolean {
    return (this.unsignedVarint() | 0) > 0
  }

  /** Number of tagged fields that follow. */
  tagCount(): number {
    const count = this.unsignedVarint()
    if (count > taggedFieldsMax) throw this.error(`${count} tagged fields are over the limit of ${taggedFieldsMax}`)
    this.countElements(count)
    return count
  }

  /** Size of the tagged field that follows. A known field is read by its type; as in Kafka its size is not compared. */
  tagSize(): number {
    const size = this.unsignedVarint()
    if (size > this.remaining) throw this.truncated(size, 'tagged field')
    return size
  }

  /** Reads a tagged section of which the schema knows no field. */
  tags(target: Tagged): void {
    for (let left = this.tagCount(); left > 0; left--) this.unknownTag(target, this.unsignedVarint(), this.tagSize())
  }

  /** Keeps a tagged field that the schema does not know. */
  unknownTag(target: Tagged, tag: number, size: number): void {
    const unknown: UnknownTag = { tag, bytes: this.raw(size) }
    if (target.unknownTags === undefined) target.unknownTags = [unknown]
    else target.unknownTags.push(unknown)
  }

  /** A tag that the schema knows, but only for other versions. */
  misplacedTag(tag: number, version: number): ProtocolError {
    return this.error(`tag ${tag} does not belong to version ${version}`)
  }

  error(problem: string): ProtocolError {
    return new ProtocolError(problem, this.position)
  }

  /** Length of a compact form: one less than written, in 32-bit arithmetic as in Kafka. */
  private compactLength(): number {
    return (this.unsignedVarint() - 1) | 0
  }

  private countElements(count: number): void {
    this.elementsLeft -= count
    if (this.elementsLeft < 0) throw this.error(`a message of more than ${this.elementsMax} elements is over the limit`)
  }

  /** Claims the next `size` bytes and gives their position. */
  private take(size: number, what: string): number {
    const start = this.position
    if (size > this.end - start) throw this.truncated(size, what)
    this.position = start + size
    return start
  }

  private truncated(size: number, what: string): ProtocolError {
    return this.error(`cut short: ${what} needs ${size} bytes, ${this.remaining} remain`)
  }

  private refuseNull(what: string): never {
    throw this.error(`null where ${what} is required`)
  }
}
