import { LastUsedMap } from '@odradek/core'
import type { BatchHeader } from '@odradek/records'
import type { AppendError } from './partition-log.ts'

/** Batches per producer that a repeat is recognised among: what a Java client may have in flight. (KIP-98, KAFKA-5494) */
export const PRODUCER_BATCHES_MAX = 5

/** So many a partition remembers, however many others do. */
export const PRODUCERS_KEPT_MIN = 5

/**
 * Open transactions that are passed over in search of a producer to forget. With more of them before it none is forgotten
 * this time: no batch shall wait for long. A log may then have one producer too many for each so many open transactions.
 */
export const OPEN_PASSED_MAX = 100

/** Producers of all logs that count together. */
export interface ProducerCount {
  count: number
}

const SEQUENCE_MAX = 2_147_483_647
const NO_SEQUENCE = -1
const NO_EPOCH = -1

/** One batch as a repeat would name it. */
export interface ProducedBatch {
  readonly baseSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: bigint
}

/** Never changed, only replaced: so a failed write can put the old one back. */
export interface ProducerEntry {
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Oldest first; none after a marker raised the epoch. */
  readonly batches: readonly ProducedBatch[]
  readonly lastTimestamp: bigint
  /** Wall time of the last batch, for expiry. */
  readonly seenMs: number
  readonly coordinatorEpoch: number
  /** First offset of the open transaction, or -1. */
  readonly transactionStartOffset: number
  /** Markers of the producer since the log was opened. */
  readonly endedTransactions: number
}

/** What is asked of a batch's header here. */
export type ProducedFields = Pick<
  BatchHeader,
  'producerId' | 'producerEpoch' | 'baseSequence' | 'lastOffsetDelta' | 'maxTimestamp' | 'isTransactional' | 'isControl'
>

/** A transaction's end, as its control record says it. */
export interface EndMarker {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly timestamp: bigint
}

/** What is to be done with a batch: append it (null), answer as for the original, or refuse it. */
export type Verdict = null | ProducedBatch | AppendError

/** From this version of transactions on epochs tell them apart. (KIP-890) */
const EPOCH_PER_TRANSACTION_VERSION_MIN = 2

const NO_BATCHES: readonly ProducedBatch[] = []

/** The sequence of the record `count` after the one with `sequence`; past the largest comes 0. */
export function sequenceAfter(sequence: number, count: number): number {
  if (sequence > SEQUENCE_MAX - count) return count - (SEQUENCE_MAX - sequence) - 1
  return sequence + count
}

/** The sequence of the record `count` before the one with `sequence`. */
export function sequenceBefore(sequence: number, count: number): number {
  return sequence >= count ? sequence - count : sequence - count + SEQUENCE_MAX + 1
}

/** What the log knows of idempotent and transactional producers, in step with what it has accepted. (KIP-98) */
export class ProducerState {
  private readonly producersMax: number
  private readonly producers = new LastUsedMap<bigint, ProducerEntry>()
  /** What to put back when the batches accepted since the last `commit` could not be written. */
  private readonly undo: { readonly producerId: bigint; readonly before: ProducerEntry | undefined }[] = []

  private inAll: ProducerCount | null = null
  private inAllMax = Number.POSITIVE_INFINITY
  /** Of `inAll`, what are this log's. */
  private counted = 0

  constructor(producersMax: number) {
    this.producersMax = producersMax
  }

  /** From now on, until `inAll` is null, they count among those of other logs, too. */
  countIn(inAll: ProducerCount | null, inAllMax = Number.POSITIVE_INFINITY): void {
    if (this.inAll !== null) this.inAll.count -= this.counted
    this.counted = 0
    this.inAll = inAll
    this.inAllMax = inAllMax
    this.tally()
  }

  /** The one silent for longest first. */
  get entries(): Iterable<ProducerEntry> {
    return valuesOf(this.producers)
  }

  /** Takes over what a snapshot has, into a state that knows nothing yet. */
  restore(entries: readonly ProducerEntry[]): void {
    for (const entry of entries) this.producers.use(entry.producerId, entry)
  }

  get size(): number {
    return this.producers.size
  }

  get(producerId: bigint): ProducerEntry | undefined {
    return this.producers.get(producerId)
  }

  /** All that Kafka's leader looks at in a batch that a coordinator writes in the producer's name. */
  checkEpoch({ producerId, producerEpoch }: Pick<EndMarker, 'producerId' | 'producerEpoch'>): AppendError | null {
    const known = this.producers.get(producerId)
    return known !== undefined && producerEpoch < known.producerEpoch ? 'INVALID_PRODUCER_EPOCH' : null
  }

  /** What Kafka's leader would do with a client's batch of data. */
  check(batch: BatchHeader, transactionVersion = 0): Verdict {
    const known = this.producers.get(batch.producerId)
    if (known === undefined) {
      const beginsWithZero = transactionVersion >= EPOCH_PER_TRANSACTION_VERSION_MIN
      return beginsWithZero && batch.baseSequence !== 0 ? 'OUT_OF_ORDER_SEQUENCE_NUMBER' : null
    }
    const repeated = duplicateIn(known, batch)
    if (repeated !== undefined) return repeated
    if (batch.producerEpoch < known.producerEpoch) return 'INVALID_PRODUCER_EPOCH'
    if (!isInSequence(known, batch)) return 'OUT_OF_ORDER_SEQUENCE_NUMBER'
    if (known.transactionStartOffset >= 0 && !batch.isTransactional) return 'INVALID_TXN_STATE'
    return null
  }

  /**
   * A marker of a producer that has moved on, or of a coordinator that another one has followed, comes too late. Where
   * each transaction has its own epoch, one with the epoch of the open transaction is of the one before.
   */
  checkMarker(
    marker: Pick<EndMarker, 'producerId' | 'producerEpoch' | 'coordinatorEpoch'>,
    transactionVersion = 0,
  ): AppendError | null {
    const known = this.producers.get(marker.producerId)
    if (known === undefined) return null
    const isOfEarlier =
      transactionVersion >= EPOCH_PER_TRANSACTION_VERSION_MIN &&
      known.transactionStartOffset >= 0 &&
      known.producerEpoch === marker.producerEpoch
    if (marker.producerEpoch < known.producerEpoch || isOfEarlier) return 'INVALID_PRODUCER_EPOCH'
    return marker.coordinatorEpoch < known.coordinatorEpoch ? 'TRANSACTION_COORDINATOR_FENCED' : null
  }

  /** Takes in a batch of data that now has its place in the log; also when the log is read again at start. */
  append(batch: ProducedFields, baseOffset: number, seenMs: number): void {
    const known = this.producers.get(batch.producerId)
    const isSameEpoch = known !== undefined && known.producerEpoch === batch.producerEpoch
    const produced: ProducedBatch = {
      baseSequence: batch.baseSequence,
      lastSequence: sequenceAfter(batch.baseSequence, batch.lastOffsetDelta),
      baseOffset,
      lastOffset: baseOffset + batch.lastOffsetDelta,
      maxTimestamp: batch.maxTimestamp,
    }
    const openedAt = known?.transactionStartOffset ?? -1
    this.put(known, {
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      batches: isSameEpoch ? withLast(known.batches, produced) : [produced],
      lastTimestamp: batch.maxTimestamp,
      seenMs,
      coordinatorEpoch: known?.coordinatorEpoch ?? -1,
      transactionStartOffset: batch.isTransactional && openedAt < 0 ? baseOffset : openedAt,
      endedTransactions: known?.endedTransactions ?? 0,
    })
  }

  /** Ends the producer's transaction. Returns where it began, or -1 when none was open. */
  end(marker: EndMarker, seenMs: number): number {
    const known = this.producers.get(marker.producerId)
    const isSameEpoch = known !== undefined && known.producerEpoch === marker.producerEpoch
    this.put(known, {
      producerId: marker.producerId,
      producerEpoch: marker.producerEpoch,
      batches: isSameEpoch ? known.batches : NO_BATCHES,
      lastTimestamp: marker.timestamp,
      seenMs,
      coordinatorEpoch: marker.coordinatorEpoch,
      transactionStartOffset: -1,
      endedTransactions: (known?.endedTransactions ?? 0) + 1,
    })
    return known?.transactionStartOffset ?? -1
  }

  /** An empty control batch, all that compaction has left of a producer: it still tells the epoch, which fences. */
  noteEpoch(batch: Pick<ProducedFields, 'producerId' | 'producerEpoch' | 'maxTimestamp'>, seenMs: number): void {
    const known = this.producers.get(batch.producerId)
    if (known !== undefined && known.producerEpoch >= batch.producerEpoch) return
    this.put(known, {
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      batches: NO_BATCHES,
      lastTimestamp: batch.maxTimestamp,
      seenMs,
      coordinatorEpoch: known?.coordinatorEpoch ?? -1,
      transactionStartOffset: -1,
      endedTransactions: known?.endedTransactions ?? 0,
    })
  }

  /** What was accepted is written: it will not be taken back. */
  commit(): void {
    this.undo.length = 0
  }

  /** Takes back all since the last `commit`. */
  rollback(): void {
    for (let change = this.undo.pop(); change !== undefined; change = this.undo.pop()) {
      if (change.before === undefined) this.producers.delete(change.producerId)
      else this.producers.putBack(change.producerId, change.before)
    }
    this.tally()
  }

  /** Forgets producers that have been silent for so long that they are unknown to clients too. */
  expire(nowMs: number, expirationMs: number): void {
    for (const [producerId, { transactionStartOffset, seenMs }] of this.producers.entries()) {
      if (transactionStartOffset < 0 && nowMs - seenMs >= expirationMs) this.producers.delete(producerId)
    }
    this.tally()
  }

  private put(before: ProducerEntry | undefined, after: ProducerEntry): void {
    this.undo.push({ producerId: after.producerId, before })
    if (before === undefined && this.isFull()) this.forgetOldest()
    this.producers.use(after.producerId, after)
    if (before === undefined) this.tally()
  }

  private isFull(): boolean {
    const { size } = this.producers
    const isFullInAll = this.inAll !== null && this.inAll.count >= this.inAllMax && size >= PRODUCERS_KEPT_MIN
    return isFullInAll || size >= this.producersMax
  }

  private tally(): void {
    if (this.inAll === null) return
    this.inAll.count += this.producers.size - this.counted
    this.counted = this.producers.size
  }

  private forgetOldest(): void {
    let passed = 0
    for (const [producerId, before] of this.producers.entries()) {
      if (before.transactionStartOffset < 0) {
        this.undo.push({ producerId, before })
        this.producers.delete(producerId)
        return
      }
      if (++passed > OPEN_PASSED_MAX) return
      // Whose transaction is open is not silent; so the next look does not meet it again.
      this.producers.use(producerId, before)
    }
  }
}

function* valuesOf(producers: LastUsedMap<bigint, ProducerEntry>): Generator<ProducerEntry, void> {
  for (const [, entry] of producers.entries()) yield entry
}

function withLast(batches: readonly ProducedBatch[], last: ProducedBatch): readonly ProducedBatch[] {
  const before = batches.length < PRODUCER_BATCHES_MAX ? batches : batches.slice(1 - PRODUCER_BATCHES_MAX)
  // Made in its size: an array that grows by one has room for sixteen more, in every producer that is remembered.
  const kept = new Array<ProducedBatch>(before.length + 1).fill(last)
  for (const [index, batch] of before.entries()) kept[index] = batch
  return kept
}

function duplicateIn(known: ProducerEntry, batch: BatchHeader): ProducedBatch | undefined {
  if (batch.producerEpoch !== known.producerEpoch) return undefined
  const lastSequence = sequenceAfter(batch.baseSequence, batch.lastOffsetDelta)
  return known.batches.find(
    (produced) => produced.baseSequence === batch.baseSequence && produced.lastSequence === lastSequence,
  )
}

function isInSequence(known: ProducerEntry, batch: BatchHeader): boolean {
  // No epoch was ever given, so there is nothing to be out of order with.
  if (known.producerEpoch === NO_EPOCH) return true
  if (batch.producerEpoch !== known.producerEpoch) return batch.baseSequence === 0
  const lastSequence = known.batches.at(-1)?.lastSequence ?? NO_SEQUENCE
  return batch.baseSequence === (lastSequence === SEQUENCE_MAX ? 0 : lastSequence + 1)
}
