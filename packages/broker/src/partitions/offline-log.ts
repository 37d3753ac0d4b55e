import { type LeaderEpoch, NO_LEADER_EPOCH, type Offset, offset } from '@odradek/core'
import type { AppendRequest, AppendResult, PartitionLog, ReadResult } from '@odradek/log'

/** Stands in for a log that could not be opened, so that this one partition answers KAFKA_STORAGE_ERROR and others go on. */
export class OfflineLog implements PartitionLog {
  readonly startOffset: Offset = offset(0)
  readonly endOffset: Offset = offset(0)
  readonly highWatermark: Offset = offset(0)
  readonly lastStableOffset: Offset = offset(0)
  readonly sizeBytes = 0
  readonly segmentsCount = 0
  readonly failure: string
  readonly wasCut = false
  leaderEpoch: LeaderEpoch = NO_LEADER_EPOCH

  constructor(failure: string) {
    this.failure = failure
  }

  append(_request: AppendRequest, done: (result: AppendResult) => void): void {
    // Never before `append` has returned: callers count on it.
    queueMicrotask(() => done({ ok: false, error: 'KAFKA_STORAGE_ERROR', logStartOffset: this.startOffset }))
  }

  read(): ReadResult {
    return { ok: false, error: 'KAFKA_STORAGE_ERROR' }
  }

  lookupTimestamp(): null {
    return null
  }

  lookupMaxTimestamp(): null {
    return null
  }

  endOffsetForEpoch(): null {
    return null
  }

  epochAt(): LeaderEpoch {
    return NO_LEADER_EPOCH
  }

  setLeaderEpoch(epoch: LeaderEpoch): void {
    this.leaderEpoch = epoch
  }

  holdHighWatermark(): void {}

  deleteRecordsBefore(): void {}

  configure(): void {}

  producers(): readonly [] {
    return []
  }

  standingOf(): null {
    return null
  }

  watch(): () => void {
    return () => {}
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}
