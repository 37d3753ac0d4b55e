import { type Timestamp, timestamp } from '@odradek/core'
import type { BatchHeader } from '../batch-header.ts'
import type { RecordScanner } from '../record-scanner.ts'
import { RecordFaults } from './record-faults.ts'
import type { TimestampWindow } from './timestamp-window.ts'
import { usualRecords } from './usual-records.ts'

/** What a topic demands of each record. */
export interface RecordDemands {
  readonly requiresKey: boolean
  /** Null for a topic of log-append time, which asks no client for the time. */
  readonly window: TimestampWindow | null
}

/** What was found in the records of a batch. */
export interface RecordsSummary {
  /** The true one; -1 at least, as Kafka counts. */
  readonly maxTimestamp: Timestamp
  /** Offset deltas are 0, 1, 2 … */
  readonly areOffsetsInOrder: boolean
  /** Has one below -1, which Kafka stores but cannot write anew. */
  readonly hasNegativeTimestamp: boolean
  /** A writer that got these records would write these bytes: the first has the base timestamp, and nothing is odd. */
  readonly areAsWritten: boolean
}

/** Bases up to here plus any delta that is a number are exact as numbers. */
const EXACT_BASE_MAX = 2 ** 52

/** Goes over the records of one batch; numbers do where they are exact, because this is the hot path of Produce. */
class RecordWalk {
  private readonly header: BatchHeader
  private readonly demands: RecordDemands
  private readonly isLogAppendTime: boolean
  private readonly base: number | null
  private readonly faults = new RecordFaults()
  private max = -1
  private maxWide: bigint = -1n
  private hasNegative = false

  constructor(header: BatchHeader, demands: RecordDemands) {
    this.header = header
    this.demands = demands
    this.isLogAppendTime = header.timestampType === 'LogAppendTime'
    const base = Number(this.isLogAppendTime ? header.maxTimestamp : header.baseTimestamp)
    this.base = Math.abs(base) <= EXACT_BASE_MAX ? base : null
  }

  run(scanner: RecordScanner, isStrict: boolean): RecordsSummary {
    return this.runUsual(scanner) ?? this.runAny(scanner, isStrict)
  }

  /** Null where each record must be looked at by itself: then nothing has moved. */
  private runUsual({ cursor }: RecordScanner): RecordsSummary | null {
    const { header, base } = this
    const { requiresKey, window } = this.demands
    if (base === null || window === null || this.isLogAppendTime) return null
    const found = usualRecords(cursor.bytes, cursor.at, cursor.end, header.recordsCount)
    if (found === null || (requiresKey && found.hasNullKey)) return null
    const least = base + found.leastTimestampDelta
    this.max = base + found.largestTimestampDelta
    if (least < 0 || !window.admits(least) || !window.admits(this.max)) {
      this.max = -1
      return null
    }
    cursor.at = cursor.end
    return {
      maxTimestamp: this.maxTimestamp(),
      areOffsetsInOrder: true,
      hasNegativeTimestamp: false,
      areAsWritten: found.firstTimestampDelta === 0,
    }
  }

  private runAny(scanner: RecordScanner, isStrict: boolean): RecordsSummary {
    const { recordsCount } = this.header
    let areOffsetsInOrder = true
    let startsAtBase = true
    for (let index = 0; index < recordsCount; index++) {
      if (isStrict) scanner.read()
      else scanner.skim()
      if (index === recordsCount - 1) scanner.expectEnd()
      if (index === 0) startsAtBase = Number(scanner.timestampDelta) === 0
      if (scanner.offsetDelta !== index) areOffsetsInOrder = false
      const found = this.timestampOf(scanner.timestampDelta)
      this.note(found)
      this.judge(index, scanner.keyLength, found)
    }
    this.faults.refuseIfAny()
    const maxTimestamp = this.maxTimestamp()
    const areAsWritten = areOffsetsInOrder && startsAtBase && scanner.isUsual && !this.isLogAppendTime
    return { maxTimestamp, areOffsetsInOrder, hasNegativeTimestamp: this.hasNegative, areAsWritten }
  }

  /** Most headers tell the truth: then theirs is the one, and no other is made. */
  private maxTimestamp(): Timestamp {
    const { header, max, maxWide } = this
    const isExact = maxWide === -1n && Number.isSafeInteger(max)
    if (isExact && Number(header.maxTimestamp) === max) return header.maxTimestamp
    return timestamp(maxWide > BigInt(max) ? maxWide : BigInt(max))
  }

  private timestampOf(delta: number | bigint): number | bigint {
    if (this.isLogAppendTime) return this.base ?? this.header.maxTimestamp
    if (this.base !== null && typeof delta === 'number') return this.base + delta
    return BigInt.asIntN(64, this.header.baseTimestamp + BigInt(delta))
  }

  private note(found: number | bigint): void {
    if (found < -1) this.hasNegative = true
    if (typeof found === 'number') {
      if (found > this.max) this.max = found
    } else if (found > this.maxWide) this.maxWide = found
  }

  private judge(index: number, keyLength: number, found: number | bigint): void {
    const { requiresKey, window } = this.demands
    if (requiresKey && keyLength < 0) this.faults.withoutKey(index)
    else if (window !== null && !window.admits(found)) this.faults.outsideWindow(index, found, window)
    else if (this.isLogAppendTime && (window === null || BigInt(found) === -1n)) this.faults.logAppendTime(index)
  }
}

/**
 * Judges all records of a batch, from a scanner that stands before the first.
 * @throws RecordsError when they cannot be read, or a Refusal that names each one that the topic does not take.
 */
export function walkRecords(
  scanner: RecordScanner,
  header: BatchHeader,
  demands: RecordDemands,
  strictness: 'read' | 'skim',
): RecordsSummary {
  return new RecordWalk(header, demands).run(scanner, strictness === 'read')
}
