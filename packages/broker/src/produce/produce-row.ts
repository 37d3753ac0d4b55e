import { type LeaderEpoch, NO_TIMESTAMP, type NodeId, type Offset, type Timestamp } from '@odradek/core'
import { ErrorCode } from '@odradek/protocol'
import type { RecordFault } from '@odradek/records'

const NO_FAULTS: readonly RecordFault[] = []

/** One partition of a produce request, from what came in to what goes out. */
export class ProduceRow {
  readonly index: number
  readonly records: Uint8Array | null
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

  refuse(errorCode: ErrorCode, message: string | null = null): void {
    this.errorCode = errorCode
    this.errorMessage = message
  }
}
