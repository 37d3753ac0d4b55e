import { assert } from '@odradek/core'
import { stringBytesMax } from './limits.ts'
import { MessageSizeError } from './protocol-error.ts'
import type { Tagged } from './tagged.ts'
import { elementsPerTurn, type Turns } from './turns.ts'
import { wellFormed } from './utf8.ts'
import { unsignedVarintSize } from './varint.ts'

/** Small fields are gathered in slabs of this size; what one message leaves is used by the next. */
const slabBytes = 64 * 1024

/** With less than this left of a slab a message begins a new one, rather than come in two pieces. */
const slabRestMin = 2 * 1024

/** Byte fields from this size on are not copied: they become chunks of their own. */
const referencedBytesMin = 1024

const uuidBytes = 16

/** Texts up to this length are written character by character as long as they are ASCII. */
const shortTextChars = 100
/** Of one code unit of a string. */
const UTF8_BYTES_MAX = 3
/** Of a sentence that is cut, so that it fits whatever is in it. */
const SENTENCE_CHARS_MAX = 10_000
const LEFT_OUT = ' …'

/** What is written in one turn of the event loop at most, however few elements it is. */
const bytesPerTurn = 1024 * 1024

/** Whatever it is made of, its size is a signed 32-bit number. */
const messageBytesMax = 2 ** 31 - 1

/** Memory that several messages share, each after the other. */
interface Slab {
  readonly bytes: Buffer
  readonly view: DataView
  /** Bytes that earlier messages took. */
  used: number
}

/** Bytes of a message, as part of others: a view of them, which costs as much as writing a small answer, is made when it is sent. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

export const pieceBytes = ({ bytes, start, end }: Piece): Uint8Array =>
  start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end)

/** The slab that was used last, for the next writer. */
let spareSlab: Slab | undefined

function newSlab(size: number): Slab {
  const bytes = Buffer.allocUnsafeSlow(size)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), used: 0 }
}

/**
 * Writes Kafka's primitive types. The result is a list of chunks for a gathered write: large byte fields stand in it by
 * reference, so the caller must not change them before they are sent.
 * `flexible` selects the compact forms.
 */
export class Writer {
  private pieces: Piece[] | null = null
  private chunkBytes = 0
  private slab: Slab
  /** First byte of the slab that is not in a chunk yet. */
  private start: number
  private position: number
  /** Where the sizes of the tagged fields that are open will stand, outermost first. */
  private readonly marks: number[] = []
  private turnElements = 0
  private turnBytes = 0
  /** Of the chunks, those that others hold in memory. */
  private referencedBytes = 0
  private readonly bytesMax: number

  /** `bytesMax`: of what is not written by reference. */
  constructor(bytesMax = messageBytesMax) {
    this.bytesMax = bytesMax
    const spare = spareSlab
    spareSlab = undefined
    this.slab = spare !== undefined && spare.bytes.length - spare.used >= slabRestMin ? spare : newSlab(slabBytes)
    this.start = this.slab.used
    this.position = this.slab.used
  }

  /** Bytes written so far. */
  get length(): number {
    return this.chunkBytes + this.position - this.start
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0)
  }

  int8(value: number): void {
    const position = this.claim(1)
    this.slab.bytes[position] = value
  }

  int16(value: number): void {
    const position = this.claim(2)
    this.slab.view.setInt16(position, value)
  }

  uint16(value: number): void {
    this.int16(value)
  }

  int32(value: number): void {
    const position = this.claim(4)
    this.slab.view.setInt32(position, value)
  }

  uint32(value: number): void {
    this.int32(value)
  }

  int64(value: bigint | number): void {
    const position = this.claim(8)
    if (typeof value === 'bigint') {
      this.slab.view.setBigInt64(position, value)
      return
    }
    assert(Number.isSafeInteger(value), 'only what is exact as a number is written as one')
    this.slab.view.setInt32(position, Math.floor(value / 2 ** 32))
    this.slab.view.setInt32(position + 4, value | 0)
  }

  float64(value: number): void {
    const position = this.claim(8)
    this.slab.view.setFloat64(position, value)
  }

  /** `value`: 22 characters of base64url. */
  uuid(value: string): void {
    const position = this.claim(uuidBytes)
    const written = this.slab.bytes.write(value, position, uuidBytes, 'base64url')
    assert(written === uuidBytes, `a uuid has 22 characters of base64url, not ${JSON.stringify(value)}`)
  }

  unsignedVarint(value: number): void {
    if (value >= 0 && value < 0x80) {
      this.int8(value)
      return
    }
    let rest = value >>> 0
    let position = this.claim(unsignedVarintSize(rest))
    while (rest >= 0x80) {
      this.slab.bytes[position++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.slab.bytes[position] = rest
  }

  string(value: string, flexible: boolean): void {
    if (value.length <= shortTextChars && this.shortAscii(value, flexible)) return
    const text = wellFormed(value)
    const length = Buffer.byteLength(text)
    assert(length <= stringBytesMax, `a string of ${length} bytes is over the limit of ${stringBytesMax}`)
    if (flexible) this.unsignedVarint(length + 1)
    else this.int16(length)
    const position = this.claim(length)
    this.slab.bytes.write(text, position, length, 'utf8')
  }

  nullableString(value: string | null, flexible: boolean): void {
    if (value !== null) this.string(value, flexible)
    else if (flexible) this.unsignedVarint(0)
    else this.int16(-1)
  }

  /** For people, and it may repeat a text that was as long as texts can be: what does not fit is left out. */
  sentence(value: string, flexible: boolean): void {
    const isTooLong = value.length > stringBytesMax / UTF8_BYTES_MAX && Buffer.byteLength(value) > stringBytesMax
    this.string(isTooLong ? `${value.slice(0, SENTENCE_CHARS_MAX)}${LEFT_OUT}` : value, flexible)
  }

  nullableSentence(value: string | null, flexible: boolean): void {
    if (value === null) this.nullableString(null, flexible)
    else this.sentence(value, flexible)
  }

  byteArray(value: Uint8Array, flexible: boolean): void {
    if (flexible) this.unsignedVarint(value.length + 1)
    else this.int32(value.length)
    this.raw(value)
  }

  nullableByteArray(value: Uint8Array | null, flexible: boolean): void {
    if (value !== null) this.byteArray(value, flexible)
    else this.nullArray(flexible)
  }

  /** The bytes alone; large ones by reference. */
  raw(value: Uint8Array): void {
    if (value.length >= referencedBytesMin && this.marks.length === 0) {
      this.closeChunk()
      this.add({ bytes: value, start: 0, end: value.length })
      this.chunkBytes += value.length
      this.referencedBytes += value.length
      if (this.chunkBytes > messageBytesMax) throw new MessageSizeError(messageBytesMax)
    } else {
      const position = this.claim(value.length)
      this.slab.bytes.set(value, position)
    }
  }

  /** The number of elements, which the caller writes next. */
  arrayLength(length: number, flexible: boolean): void {
    if (flexible) this.unsignedVarint(length + 1)
    else this.int32(length)
  }

  /** Null in place of an array or of bytes. */
  nullArray(flexible: boolean): void {
    if (flexible) this.unsignedVarint(0)
    else this.int32(-1)
  }

  array<T>(values: readonly T[], flexible: boolean, write: (writer: Writer, value: T) => void): void {
    this.arrayLength(values.length, flexible)
    for (const value of values) write(this, value)
  }

  nullableArray<T>(values: readonly T[] | null, flexible: boolean, write: (writer: Writer, value: T) => void): void {
    if (values === null) this.nullArray(flexible)
    else this.array(values, flexible, write)
  }

  *arrayInTurns<T>(values: readonly T[], flexible: boolean, write: (writer: Writer, value: T) => void): Turns<void> {
    this.arrayLength(values.length, flexible)
    for (const value of values) {
      write(this, value)
      if (this.endsTurn()) yield
    }
  }

  *nullableArrayInTurns<T>(
    values: readonly T[] | null,
    flexible: boolean,
    write: (writer: Writer, value: T) => void,
  ): Turns<void> {
    if (values === null) this.nullArray(flexible)
    else yield* this.arrayInTurns(values, flexible, write)
  }

  /** Counts an element that was written in turns: whether it was the last for this one. */
  endsTurn(): boolean {
    this.turnElements += 1
    if (this.turnElements < elementsPerTurn && this.length - this.turnBytes < bytesPerTurn) return false
    this.turnElements = 0
    this.turnBytes = this.length
    return true
  }

  /** The byte before a nullable struct. */
  structPresent(present: boolean): void {
    this.int8(present ? 1 : -1)
  }

  /** The number before a nullable struct that is a tagged field. */
  taggedStructPresent(present: boolean): void {
    this.unsignedVarint(present ? 1 : 0)
  }

  /** Opens the tagged section: how many known fields follow; unknown ones of `value` are counted too. */
  tagCount(known: number, value: Tagged): void {
    this.unsignedVarint(known + (value.unknownTags?.length ?? 0))
  }

  beginTag(tag: number): void {
    this.unsignedVarint(tag)
    this.marks.push(this.claim(1))
  }

  /** Writes the size of the field that `beginTag` opened; most sizes fit the one byte kept for it. */
  endTag(): void {
    const mark = this.marks.at(-1)
    assert(mark !== undefined, 'endTag without beginTag')
    const size = this.position - mark - 1
    const extra = unsignedVarintSize(size) - 1
    if (extra > 0) {
      this.claim(extra)
      const moved = this.marks.at(-1) ?? mark
      this.slab.bytes.copyWithin(moved + 1 + extra, moved + 1, moved + 1 + size)
    }
    const position = this.position
    this.position = this.marks.pop() ?? mark
    this.unsignedVarint(size)
    this.position = position
  }

  /** Writes the unknown fields of `value`, after the known ones. */
  unknownTags(value: Tagged): void {
    if (value.unknownTags === undefined) return
    for (const { tag, bytes } of value.unknownTags) {
      this.unsignedVarint(tag)
      this.unsignedVarint(bytes.length)
      this.raw(bytes)
    }
  }

  /** A tagged section of a struct whose schema knows no tagged field. */
  tags(value: Tagged): void {
    this.tagCount(0, value)
    this.unknownTags(value)
  }

  /** Everything written, in order. The writer is not used again. */
  finish(): Uint8Array[] {
    return this.finishPieces().map(pieceBytes)
  }

  /** The same, as pieces of what it was written into. */
  finishPieces(): readonly Piece[] {
    assert(this.marks.length === 0, 'a tagged field is still open')
    this.closeChunk()
    this.checkSize()
    this.slab.used = this.position
    spareSlab = this.slab
    this.slab = closedSlab
    this.start = 0
    this.position = 0
    return this.pieces ?? NO_PIECES
  }

  /** Everything written, copied into one array of its own. The writer is not used again. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.length)
    let position = 0
    for (const chunk of this.finish()) {
      bytes.set(chunk, position)
      position += chunk.length
    }
    return bytes
  }

  /** Writes `value` if it is ASCII; if not, nothing is written. */
  private shortAscii(value: string, flexible: boolean): boolean {
    const { length } = value
    const start = this.claim((flexible ? 1 : 2) + length)
    const { bytes } = this.slab
    let position = start
    // The text is short enough for either form of its length to end in one small byte.
    if (!flexible) bytes[position++] = 0
    bytes[position++] = flexible ? length + 1 : length
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index)
      if (code >= 0x80) {
        this.position = start
        return false
      }
      bytes[position++] = code
    }
    return true
  }

  private closeChunk(): void {
    if (this.position === this.start) return
    this.add({ bytes: this.slab.bytes, start: this.start, end: this.position })
    this.chunkBytes += this.position - this.start
    this.start = this.position
  }

  private add(piece: Piece): void {
    if (this.pieces === null) this.pieces = [piece]
    else this.pieces.push(piece)
  }

  /** Room for `size` bytes; gives their position in the slab, which may be a new one. */
  private claim(size: number): number {
    if (this.position + size > this.slab.bytes.length) this.nextSlab(size)
    const position = this.position
    this.position += size
    return position
  }

  /** Bytes of open tagged fields move along, because their size is not known yet. */
  private nextSlab(size: number): void {
    const keepFrom = this.marks[0] ?? this.position
    const kept = this.slab.bytes.subarray(keepFrom, this.position)
    this.position = keepFrom
    this.closeChunk()
    this.checkSize()
    const slab = newSlab(Math.max(slabBytes, 2 * (kept.length + size)))
    slab.bytes.set(kept, 0)
    for (let index = 0; index < this.marks.length; index++) this.marks[index] = (this.marks[index] ?? 0) - keepFrom
    this.slab = slab
    this.start = 0
    this.position = kept.length
  }

  private checkSize(): void {
    if (this.chunkBytes - this.referencedBytes > this.bytesMax) throw new MessageSizeError(this.bytesMax)
  }
}

/** What a finished writer holds, so that it cannot write into the memory of the next. */
const closedSlab = newSlab(0)

const NO_PIECES: readonly Piece[] = []
