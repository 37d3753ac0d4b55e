import { type ProducerId, type Timestamp, timestamp } from '@odradek/core'
import {
  type BatchHeader,
  buildBatch,
  buildEndTransactionBatch,
  type RecordToWrite,
  readBatchHeader,
} from '@odradek/records'
import type { AppendResult, Durability } from '../../partition-log.ts'
import { textOf } from '../keyed-history.ts'

/** Larger than any that the runs get to: a batch that still has it found no place. */
const UNPLACED = 9_000_000_000
const KEYS = 6
const SEQUENCE_NONE = -1

/** One batch, and what was said of it. */
export interface Entry {
  /** As the log was given them, with the offset and epoch that it wrote into them. */
  readonly bytes: Buffer
  readonly header: BatchHeader
  readonly records: readonly RecordToWrite[]
  /** Of a control batch. */
  readonly isAbort: boolean
  /** What somebody was told: nothing, that the operating system has it, that the device has it. */
  told: 'nothing' | Durability
}

/** What a log must know of a producer. */
export interface ModelProducer {
  readonly producerId: bigint
  epoch: number
  lastSequence: number
  /** Where its open transaction began, or -1. */
  openedAt: number
}

/** The truth about one partition: every batch in an array. */
export class PartitionModel {
  entries: Entry[] = []
  leaderEpoch = 0
  /** Where the log may start: what was answered, and what was asked for. */
  startOffset = 0
  /** Up to which DeleteRecords has been answered: all else that moved the start may be forgotten again. */
  promisedStart = 0
  startOffsetMax = 0
  /** Below it all is on the device, as `flush` said. */
  flushedOffset = 0
  /** Up to where consumers have seen records. */
  seenOffset = 0
  /** Below it nothing may be missing at the next start. */
  promisedEnd = 0
  /** The power was cut since the log was last open. */
  private hasLostPower = false
  private count = 0

  /** The next batch of a producer, or one of nobody's for producer 0. */
  nextBatch(
    producer: number,
    options: { records: number; valueBytes: number; compressionType: 'none' | 'lz4' },
    nowMs: number,
  ): { bytes: Buffer; records: RecordToWrite[] } {
    const { compressionType } = options
    const records = Array.from({ length: options.records }, () => this.record(options.valueBytes, nowMs))
    const batch = { records, compressionType, baseOffset: UNPLACED }
    if (producer === 0) return { bytes: Buffer.from(buildBatch(batch)), records }
    const { epoch, lastSequence } = this.producer(producer)
    const id = { producerId: BigInt(producer) as ProducerId, producerEpoch: epoch, baseSequence: lastSequence + 1 }
    return { bytes: Buffer.from(buildBatch({ ...batch, ...id, isTransactional: producer > 1 })), records }
  }

  marker(producer: number, isAbort: boolean, epochsUp: number, nowMs: number): Buffer {
    const bytes = buildEndTransactionBatch({
      producerId: BigInt(producer) as ProducerId,
      producerEpoch: this.producer(producer).epoch + epochsUp,
      coordinatorEpoch: 0,
      outcome: isAbort ? 'abort' : 'commit',
      timestamp: timestamp(BigInt(nowMs)),
    })
    const unplaced = Buffer.from(bytes)
    unplaced.writeBigInt64BE(BigInt(UNPLACED), 0)
    return unplaced
  }

  /** Takes in a batch that has its place now; null when it was given none. */
  place(bytes: Buffer, records: readonly RecordToWrite[], isAbort: boolean): Entry | null {
    const header = readBatchHeader(bytes)
    if (header.baseOffset === UNPLACED) return null
    const entry: Entry = { bytes, header, records, isAbort, told: 'nothing' }
    // What had its place before it was taken back.
    this.entries = this.entries.filter((one) => one.header.baseOffset < header.baseOffset)
    this.entries.push(entry)
    return entry
  }

  /** What was taken back, or lost. */
  drop(entry: Entry): void {
    this.entries = this.entries.filter((one) => one !== entry)
  }

  get endOffset(): number {
    const last = this.entries.at(-1)
    return last === undefined ? this.startOffset : Math.max(this.startOffset, endOf(last))
  }

  /** Offset after the last batch of which so much was said. */
  toldEnd(isFlushed: boolean): number {
    const told = this.entries.findLast((entry) => entry.told === 'flushed' || (!isFlushed && entry.told === 'written'))
    return told === undefined ? 0 : endOf(told)
  }

  /** The newest batches of the producer's present epoch, newest first. */
  recent(producer: number): readonly Entry[] {
    const { epoch } = this.producer(producer)
    return this.entries
      .filter(
        ({ header }) => header.producerId === BigInt(producer) && !header.isControl && header.producerEpoch === epoch,
      )
      .slice(-5)
      .reverse()
  }

  producer(producer: number): ModelProducer {
    return this.producers().get(BigInt(producer)) ?? newProducer(BigInt(producer))
  }

  /** All that the batches say of producers, in the order of offsets. */
  producers(): Map<bigint, ModelProducer> {
    const producers = new Map<bigint, ModelProducer>()
    for (const { header } of this.entries) {
      if (header.producerId < 0n) continue
      const known = producers.get(header.producerId) ?? newProducer(header.producerId)
      producers.set(header.producerId, known)
      if (header.producerEpoch !== known.epoch) known.lastSequence = SEQUENCE_NONE
      known.epoch = header.producerEpoch
      if (header.isControl) known.openedAt = -1
      else known.lastSequence = header.baseSequence + header.lastOffsetDelta
      if (!header.isControl && header.isTransactional && known.openedAt < 0) known.openedAt = header.baseOffset
    }
    return producers
  }

  /** Offset to text of each record that a reader of committed ones may see, from `startOffset` on. */
  committed(startOffset: number): {
    records: Map<number, string>
    table: Map<string, string>
    lastStableOffset: number
  } {
    const ends = new Map<bigint, Entry>()
    const kept: Entry[] = []
    const opens = [...this.producers().values()].filter(({ openedAt }) => openedAt >= 0).map(({ openedAt }) => openedAt)
    const lastStableOffset = Math.min(this.endOffset, ...opens)
    for (const entry of [...this.entries].reverse()) {
      const { header } = entry
      if (header.isControl) ends.set(header.producerId, entry)
      else if (header.baseOffset >= lastStableOffset) continue
      else if (!header.isTransactional || ends.get(header.producerId)?.isAbort === false) kept.push(entry)
    }
    const records = new Map<number, string>()
    const table = new Map<string, string>()
    for (const { header, records: written } of kept.reverse()) {
      for (const [index, record] of written.entries()) {
        const offset = header.baseOffset + index
        if (offset < startOffset) continue
        records.set(offset, textOf(record))
        const key = Buffer.from(record.key ?? []).toString()
        if (record.value === null) table.delete(key)
        else table.set(key, Buffer.from(record.value).toString())
      }
    }
    return { records, table, lastStableOffset }
  }

  /** The process has ended: this must be there at the next start. */
  promise(losesPower: boolean): void {
    this.hasLostPower ||= losesPower
    const told = Math.max(this.toldEnd(this.hasLostPower), this.flushedOffset)
    this.promisedEnd = this.hasLostPower ? told : Math.max(told, this.seenOffset)
  }

  /** All that the log now has is all there ever was, and on the device as far as is known. */
  settle(isFlushed: boolean, endOffset: number): void {
    this.flushedOffset = isFlushed || this.hasLostPower ? endOffset : Math.min(this.flushedOffset, endOffset)
    this.seenOffset = endOffset
    this.hasLostPower = false
  }

  /** The log's bytes as they must be from the batch on that holds `startOffset`. */
  bytesFrom(startOffset: number): Buffer {
    return Buffer.concat(this.entries.filter((entry) => endOf(entry) > startOffset).map(({ bytes }) => bytes))
  }

  /** What was answered to an append or to a repeat of one. */
  answered(entry: Entry, result: AppendResult, level: Durability): void {
    if (!result.ok) {
      this.drop(entry)
      return
    }
    if (!this.entries.includes(entry)) throw new Error('what was taken back is answered well')
    const expected = [entry.header.baseOffset, endOf(entry) - 1]
    if (result.baseOffset !== expected[0] || result.lastOffset !== expected[1]) {
      throw new Error(
        `answered ${result.baseOffset} to ${result.lastOffset}, where the batch has ${expected.join(' to ')}`,
      )
    }
    if (entry.told !== 'flushed') entry.told = level
  }

  private record(valueBytes: number, nowMs: number): RecordToWrite {
    const number = this.count++
    const time: Timestamp = timestamp(BigInt(nowMs + (number % 7)))
    const value = number % 9 === 8 ? null : Buffer.from(`${number}:${'v'.repeat(valueBytes)}`)
    return { timestamp: time, key: Buffer.from(`k${(number * number) % KEYS}`), value, headers: [] }
  }
}

function newProducer(producerId: bigint): ModelProducer {
  return { producerId, epoch: 0, lastSequence: SEQUENCE_NONE, openedAt: -1 }
}

export function endOf({ header }: Entry): number {
  return header.baseOffset + header.lastOffsetDelta + 1
}
