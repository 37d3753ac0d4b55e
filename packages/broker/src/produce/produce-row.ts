import { type LeaderEpoch, NO_TIMESTAMP, type NodeId, type Offset, type Timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { RecordFault } from '@odradek/records'
import type { Admission } from '../transactions/admit-to-transaction.ts'

const NO_FAULTS: readonly RecordFault[] = []

/** What the log has to know of a batch's transaction. */
export interface RowTransaction {
  /** Of transactions, as the request's version says it. */
  readonly version: number
  /** What the coordinator said; null: it was not asked about this row. */
  readonly admission: Admission | null
  /** False where nobody was asked about any row of the request: what the logs know is enough. */
  readonly needsAdmission: boolean
}

/** One partition of a produce request, from what came in to what goes out. */
export class ProduceRow {
  readonly index: number
  records: Uint8Array | null
  /** Of a transactional batch. */
  transaction: RowTransaction | null = null
  /** Its batch is with the log, which has not said yet what became of it. */
  pending = false
  errorCode: ErrorCode = ErrorCode.NONE
  baseOffset: Offset | -1 = -1
  logAppendTimeMs: Timestamp = NO_TIMESTAMP
  /** -1 with errors that come before the log is looked at. */
  logStartOffset: Offset | -1 = -1
  recordErrors: readonly RecordFault[] = NO_FAULTS
  errorMessage: string | null = null
  /** Who leads instead (KIP-951). */
  currentLeader: { readonly leaderId: NodeId; readonly leaderEpoch: LeaderEpoch } | null = null

  constructor(index: number, records: Uint8Array | null) {
    this.index = index
    this.records = records
  }

  get refused(): boolean {
    return this.errorCode !== ErrorCode.NONE
  }

  /** Keeps the records beyond the turn in which they came. */
  copyRecords(): void {
    if (this.records !== null) this.records = Uint8Array.from(this.records)
  }

  refuse(errorCode: ErrorCode, message: string | null = null): void {
    this.errorCode = errorCode
    this.errorMessage = message
  }
}
