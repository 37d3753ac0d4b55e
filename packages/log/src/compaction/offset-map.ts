import { assert } from '@odradek/core'
import { KeyHash } from './key-hash.ts'

/** Four words of the key's code and two of its offset. */
const SLOT_WORDS = 6
const SLOT_BYTES = SLOT_WORDS * 4
/** Fuller than this, looking for a free slot takes too long. (log.cleaner.io.buffer.load.factor) */
const LOAD_MAX = 0.9
/** Slots for each record that there may be, when memory allows. */
const SPACIOUS = 1.5
const WORD = 4_294_967_296
/** A wider range of offsets has no bits: 16 MB of them. */
const LIVE_OFFSETS_MAX = 134_217_728

/** The last offset of each key in a part of a log, in memory of a fixed size. A larger log is compacted in several runs. */
export class OffsetMap {
  /** Up to here the log has been taken in. */
  latestOffset = -1
  size = 0
  private readonly hash: KeyHash
  private readonly slots: number
  private readonly words: Int32Array
  private readonly firstOffset: number
  /** A bit for each offset from `firstOffset` on that is the last of its key: asking it is faster than looking for the key. */
  private readonly live: Uint8Array | null

  /** Takes offsets in a range from `firstOffset` on. `secret`: 16 random bytes. */
  constructor(firstOffset: number, endOffset: number, bytesMax: number, secret: Uint8Array) {
    const recordsMax = endOffset - firstOffset
    this.firstOffset = firstOffset
    this.live = recordsMax <= LIVE_OFFSETS_MAX ? new Uint8Array((recordsMax >>> 3) + 1) : null
    this.hash = new KeyHash(secret)
    const wanted = Math.ceil(recordsMax * SPACIOUS) + 2
    this.slots = Math.max(2, Math.min(wanted, Math.floor(bytesMax / SLOT_BYTES)))
    this.words = new Int32Array(this.slots * SLOT_WORDS)
  }

  get isFull(): boolean {
    return this.size + 1 > this.slots * LOAD_MAX
  }

  /** Offsets come in rising order. */
  put(bytes: Uint8Array, at: number, length: number, offset: number): void {
    const slot = this.find(bytes, at, length)
    const { hash, words } = this
    const before = offsetAt(words, slot)
    if (before < 0) {
      assert(!this.isFull, 'room for another key')
      words[slot] = hash.h0
      words[slot + 1] = hash.h1
      words[slot + 2] = hash.h2
      words[slot + 3] = hash.h3
      this.size++
    } else this.flip(before)
    this.flip(offset)
    // One more than the offset: zeros stand for a free slot.
    words[slot + 4] = (offset + 1) | 0
    words[slot + 5] = Math.floor((offset + 1) / WORD)
    this.latestOffset = offset
  }

  /** Whether no later record has the key of the one at `offset`, as far as the log has been taken in. */
  isLast(bytes: Uint8Array, at: number, length: number, offset: number): boolean {
    const { firstOffset, live } = this
    if (live !== null && offset >= firstOffset) {
      const bit = offset - firstOffset
      return ((live[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0
    }
    return offset >= offsetAt(this.words, this.find(bytes, at, length))
  }

  private flip(offset: number): void {
    const bit = offset - this.firstOffset
    if (this.live !== null) this.live[bit >>> 3] = (this.live[bit >>> 3] ?? 0) ^ (1 << (bit & 7))
  }

  /** Where the key stands, or the free slot where it belongs. */
  private find(bytes: Uint8Array, at: number, length: number): number {
    const { hash, slots, words } = this
    hash.of(bytes, at, length)
    const { h0, h1, h2, h3 } = hash
    let slot = ((h0 >>> 0) % slots) * SLOT_WORDS
    for (;;) {
      if (words[slot + 4] === 0 && words[slot + 5] === 0) return slot
      if (words[slot] === h0 && words[slot + 1] === h1 && words[slot + 2] === h2 && words[slot + 3] === h3) return slot
      slot += SLOT_WORDS
      if (slot === words.length) slot = 0
    }
  }
}

function offsetAt(words: Int32Array, slot: number): number {
  return (words[slot + 5] ?? 0) * WORD + ((words[slot + 4] ?? 0) >>> 0) - 1
}
