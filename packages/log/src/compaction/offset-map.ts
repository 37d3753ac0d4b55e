import { assert, present } from '@odradek/core'
import { KeyHash } from './key-hash.ts'

/** Four words of the key's code and two of its offset. */
const SLOT_WORDS = 6
const SLOT_BYTES = SLOT_WORDS * 4
/** Fuller than this, looking for a free slot takes too long. (log.cleaner.io.buffer.load.factor) */
const LOAD_MAX = 0.9
/** Slots for each record that there may be, when memory allows. */
const SPACIOUS = 1.5
/** The map is made of tables that grow one by one, so that growing takes less than a millisecond at a time. */
const TABLE_SLOTS_MAX = 16_384
const FIRST_SLOTS = 64
/** A table fuller than this becomes twice as large, as long as it may. */
const GROW_LOAD = 0.7
const WORD = 4_294_967_296
/** Most slots are far from any cache: so many are asked for before the first is needed. */
const AHEAD = 64
/** A wider range of offsets has no bits: 16 MB of them. */
const LIVE_OFFSETS_MAX = 134_217_728

/** The last offset of each key in a part of a log, in memory of a bounded size. A larger log is compacted in several runs. */
export class OffsetMap {
  /** Up to here the log has been taken in. */
  latestOffset = -1
  private keys = 0
  /** Codes and offsets of keys that are not in their slots yet. */
  private readonly aheadCodes = new Int32Array(AHEAD * 4)
  private readonly aheadOffsets = new Float64Array(AHEAD)
  private ahead = 0
  private readonly hash: KeyHash
  /** As many as a power of two; a key's is told by `h1`, its slot there by `h0`. */
  private readonly tables: Table[]
  private readonly tableMask: number
  private readonly tableSlotsMax: number
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
    const slotsMax = Math.max(2, Math.min(wanted, Math.floor(bytesMax / SLOT_BYTES)))
    const tables = slotsMax < TABLE_SLOTS_MAX ? 1 : 2 ** Math.ceil(Math.log2(slotsMax / TABLE_SLOTS_MAX))
    this.tableMask = tables - 1
    this.tableSlotsMax = Math.floor(slotsMax / tables)
    const firstSlots = Math.min(FIRST_SLOTS, this.tableSlotsMax)
    this.tables = Array.from({ length: tables }, () => new Table(firstSlots))
  }

  get size(): number {
    this.settle()
    return this.keys
  }

  get isFull(): boolean {
    const keysMax = this.tables.length * this.tableSlotsMax * LOAD_MAX
    return this.keys + this.ahead + 1 > keysMax && this.size + 1 > keysMax
  }

  /** Offsets come in rising order. */
  put(bytes: Uint8Array, at: number, length: number, offset: number): void {
    assert(!this.isFull, 'room for another key')
    const { ahead, aheadCodes, hash } = this
    hash.of(bytes, at, length)
    aheadCodes[ahead * 4] = hash.h0
    aheadCodes[ahead * 4 + 1] = hash.h1
    aheadCodes[ahead * 4 + 2] = hash.h2
    aheadCodes[ahead * 4 + 3] = hash.h3
    this.aheadOffsets[ahead] = offset
    this.latestOffset = offset
    this.ahead++
    if (this.ahead === AHEAD) this.settle()
  }

  /** Whether no later record has the key of the one at `offset`, as far as the log has been taken in. */
  isLast(bytes: Uint8Array, at: number, length: number, offset: number): boolean {
    const { firstOffset, hash, live } = this
    if (this.ahead > 0) this.settle()
    if (live !== null && offset >= firstOffset) {
      const bit = offset - firstOffset
      return ((live[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0
    }
    hash.of(bytes, at, length)
    const table = this.tableOf(hash.h1)
    return offset >= table.offsetAt(table.find(hash.h0, hash.h1, hash.h2, hash.h3))
  }

  /** Puts all into their slots: the first loop asks the memory for all of them at once, the second finds them in the cache. */
  private settle(): void {
    const { ahead, aheadCodes, aheadOffsets } = this
    let looked = 0
    for (let index = 0; index < ahead; index++) {
      looked |= this.tableOf(aheadCodes[index * 4 + 1] ?? 0).lookAt(aheadCodes[index * 4] ?? 0)
    }
    // Nothing that is not looked at is asked for: the compiler must not leave the loop out.
    assert(looked >= 0 || looked < 0, 'numbers in the slots')
    for (let index = 0; index < ahead; index++) this.settleOne(index * 4, aheadOffsets[index] ?? 0)
    this.ahead = 0
  }

  private settleOne(code: number, offset: number): void {
    const { aheadCodes } = this
    const h0 = aheadCodes[code] ?? 0
    const h1 = aheadCodes[code + 1] ?? 0
    const h2 = aheadCodes[code + 2] ?? 0
    const h3 = aheadCodes[code + 3] ?? 0
    const table = this.tableOf(h1)
    const slot = table.find(h0, h1, h2, h3)
    const before = table.offsetAt(slot)
    if (before >= 0) {
      this.flip(before)
      table.setOffset(slot, offset)
    } else {
      table.add(slot, h0, h1, h2, h3, offset)
      this.keys++
      if (table.size > table.slots * GROW_LOAD && table.slots < this.tableSlotsMax) this.grow(h1 & this.tableMask)
    }
    this.flip(offset)
  }

  private tableOf(h1: number): Table {
    return present(this.tables[h1 & this.tableMask], 'a table')
  }

  private grow(index: number): void {
    const old = this.tableOf(index)
    const grown = new Table(Math.min(old.slots * 2, this.tableSlotsMax))
    grown.takeAll(old)
    this.tables[index] = grown
  }

  private flip(offset: number): void {
    const bit = offset - this.firstOffset
    if (this.live !== null) this.live[bit >>> 3] = (this.live[bit >>> 3] ?? 0) ^ (1 << (bit & 7))
  }
}

/** Open addressing: a code is in the first free slot from its own on. */
class Table {
  readonly slots: number
  size = 0
  private readonly words: Int32Array

  constructor(slots: number) {
    this.slots = slots
    this.words = new Int32Array(slots * SLOT_WORDS)
  }

  lookAt(h0: number): number {
    return this.words[this.firstSlot(h0) + 4] ?? 0
  }

  /** 31 bits: the remainder of a larger number is one of floating point, which takes ten times as long. */
  private firstSlot(h0: number): number {
    return ((h0 & 0x7fff_ffff) % this.slots) * SLOT_WORDS
  }

  /** Where the code stands, or the free slot where it belongs. */
  find(h0: number, h1: number, h2: number, h3: number): number {
    const { words } = this
    let slot = this.firstSlot(h0)
    for (;;) {
      if (words[slot + 4] === 0 && words[slot + 5] === 0) return slot
      if (words[slot] === h0 && words[slot + 1] === h1 && words[slot + 2] === h2 && words[slot + 3] === h3) return slot
      slot += SLOT_WORDS
      if (slot === words.length) slot = 0
    }
  }

  /** Of the key in the slot; -1 for a free one. */
  offsetAt(slot: number): number {
    const { words } = this
    return (words[slot + 5] ?? 0) * WORD + ((words[slot + 4] ?? 0) >>> 0) - 1
  }

  setOffset(slot: number, offset: number): void {
    // One more than the offset: zeros stand for a free slot.
    this.words[slot + 4] = (offset + 1) | 0
    this.words[slot + 5] = Math.floor((offset + 1) / WORD)
  }

  add(slot: number, h0: number, h1: number, h2: number, h3: number, offset: number): void {
    const { words } = this
    // A search for what is not there ends at a free slot.
    assert(this.size + 1 < this.slots, 'a free slot in each table')
    words[slot] = h0
    words[slot + 1] = h1
    words[slot + 2] = h2
    words[slot + 3] = h3
    this.setOffset(slot, offset)
    this.size++
  }

  takeAll({ words }: Table): void {
    for (let slot = 0; slot < words.length; slot += SLOT_WORDS) {
      if (words[slot + 4] === 0 && words[slot + 5] === 0) continue
      const to = this.find(words[slot] ?? 0, words[slot + 1] ?? 0, words[slot + 2] ?? 0, words[slot + 3] ?? 0)
      for (let word = 0; word < SLOT_WORDS; word++) this.words[to + word] = words[slot + word] ?? 0
      this.size++
    }
  }
}
