import { type RecordFault, Refusal } from './produce-verdict.ts'
import type { TimestampWindow } from './timestamp-window.ts'

/** Every bad record is named in the answer, but from here on without words: a batch may hold millions. */
const MESSAGES_MAX = 100

/** Collects the records that a topic does not take. The first one decides which error the batch gets, as in Kafka. */
export class RecordFaults {
  private readonly faults: RecordFault[] = []
  private error: 'INVALID_RECORD' | 'INVALID_TIMESTAMP' = 'INVALID_RECORD'

  withoutKey(batchIndex: number): void {
    this.add(batchIndex, 'INVALID_RECORD', () => 'A compacted topic takes no record without a key.')
  }

  outsideWindow(batchIndex: number, found: number | bigint, window: TimestampWindow): void {
    this.add(batchIndex, 'INVALID_TIMESTAMP', () => `Timestamp ${found} is not within ${window}.`)
  }

  logAppendTime(batchIndex: number): void {
    this.add(batchIndex, 'INVALID_TIMESTAMP', () => 'A producer may not mark its timestamps as log-append time.')
  }

  otherMagic(batchIndex: number, inner: number, outer: number): void {
    this.add(batchIndex, 'INVALID_RECORD', () => `A message of format ${inner} is within one of format ${outer}.`)
  }

  /** Whether nothing has been found so far. */
  get isEmpty(): boolean {
    return this.faults.length === 0
  }

  refuseIfAny(): void {
    const { error, faults } = this
    if (faults.length === 0) return
    const what = error === 'INVALID_TIMESTAMP' ? 'their timestamps' : 'what they lack or are'
    const message = `${faults.length} record(s) were refused for ${what}: ${faults[0]?.message ?? ''}`
    throw new Refusal(error, message, { recordErrors: faults, isTold: true })
  }

  private add(batchIndex: number, error: 'INVALID_RECORD' | 'INVALID_TIMESTAMP', message: () => string): void {
    if (this.faults.length === 0) this.error = error
    this.faults.push({ batchIndex, message: this.faults.length < MESSAGES_MAX ? message() : null })
  }
}
