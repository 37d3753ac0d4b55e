import { assert } from '@odradek/core'
import type { BatchHeader } from '@odradek/records'
import type { FuzzLedger, FuzzTransaction } from './fuzz-ledger-fixture.ts'

/** One batch that a log has said it has. */
export interface JournalEntry {
  readonly baseOffset: number
  readonly header: BatchHeader
  readonly values: readonly string[]
  /** Of a marker. */
  readonly outcome: 'commit' | 'abort' | null
}

interface KnownProducer {
  epoch: number
  nextSequence: number
  open: { readonly transaction: FuzzTransaction; readonly from: number } | null
}

/** What one partition of clients' records has been given, in order; it outlives the partition's log in memory. */
export class FuzzJournal {
  readonly entries: JournalEntry[] = []
  private readonly place: string
  private readonly ledger: FuzzLedger
  private readonly isRemade: boolean
  private readonly producers = new Map<bigint, KnownProducer>()
  private endOffset = 0
  private stableOffset = 0

  /** `isRemade`: the topic comes after another of its name, whose producers may go on in the middle. */
  constructor(place: string, ledger: FuzzLedger, isRemade: boolean) {
    this.place = place
    this.ledger = ledger
    this.isRemade = isRemade
  }

  add(entry: JournalEntry): void {
    const { header } = entry
    assert(entry.baseOffset === this.endOffset, `${this.place}: ${entry.baseOffset} comes after ${this.endOffset}`)
    this.endOffset += header.lastOffsetDelta + 1
    this.entries.push(entry)
    const known = this.producers.get(header.producerId) ?? null
    const isOld = known !== null && header.producerEpoch < known.epoch
    assert(!isOld, `${this.place}: ${entry.baseOffset} has epoch ${header.producerEpoch} after ${known?.epoch}`)
    if (header.isControl) this.end(entry, known)
    else this.data(entry, known)
  }

  /** The log's last stable offset passes no open transaction and never falls. */
  checkStable(lastStableOffset: number, highWatermark: number, startOffset: number): void {
    const expected = Math.max(startOffset, Math.min(this.firstOpenFrom(startOffset), highWatermark))
    const { place, stableOffset } = this
    assert(lastStableOffset >= stableOffset, `${place}: the stable offset falls from ${stableOffset}`)
    assert(lastStableOffset <= expected, `${place}: ${lastStableOffset} is no stable offset, but ${expected}`)
    this.stableOffset = lastStableOffset
  }

  /** Of an open transaction whose first records are deleted, the rest holds the offset up. */
  private firstOpenFrom(startOffset: number): number {
    const open = [...this.producers].flatMap(([producerId, producer]) => {
      const from = producer.open?.from
      if (from === undefined) return []
      const rest = this.entries.find(
        ({ baseOffset, header }) =>
          header.producerId === producerId && baseOffset >= from && baseOffset + header.lastOffsetDelta >= startOffset,
      )
      return rest?.baseOffset ?? []
    })
    return Math.min(this.endOffset, ...open)
  }

  /** Markers of a producer in order, true for a commit. */
  markersOf(producerId: bigint): boolean[] {
    return this.entries.flatMap(({ header, outcome }) =>
      outcome !== null && header.producerId === producerId ? [outcome === 'commit'] : [],
    )
  }

  private data({ header, values, baseOffset }: JournalEntry, known: KnownProducer | null): void {
    const { producerId, producerEpoch: epoch, baseSequence } = header
    const isFirst = known === null || known.epoch !== epoch || known.nextSequence < 0
    const expected = known === null || isFirst ? 0 : known.nextSequence
    const isInOrder = baseSequence === expected || (this.isRemade && isFirst)
    assert(isInOrder, `${this.place}: ${baseOffset} has sequence ${baseSequence}, not ${expected}`)
    for (const value of values) {
      const transaction = this.ledger.of(value)
      const into = known?.open?.transaction
      assert(into === undefined || into === transaction, `${this.place}: ${value} comes into ${into?.name}`)
    }
    const transaction = this.ledger.of(values[0] ?? '')
    const open = known?.open ?? { transaction, from: baseOffset }
    this.producers.set(producerId, { epoch, nextSequence: baseSequence + values.length, open })
  }

  private end({ header, outcome }: JournalEntry, known: KnownProducer | null): void {
    const { producerId, producerEpoch: epoch } = header
    const ended = known?.open?.transaction
    const isWrong = outcome === 'commit' ? ended?.mustBeAborted === true : ended?.outcome === 'committed'
    assert(!isWrong, `${this.place}: ${ended?.name} gets a marker of ${outcome}`)
    // Without an epoch of its own for the next transaction, sequences go on.
    const nextSequence = known?.epoch === epoch ? known.nextSequence : -1
    this.producers.set(producerId, { epoch, nextSequence, open: null })
  }
}
