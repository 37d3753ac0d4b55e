import type { Clock, Fs, Logger, Prng } from '@odradek/core'
import type { BufferPool } from './buffer-pool.ts'
import type { OpenFiles } from './fs/open-files.ts'
import type { LogConfig } from './log-config.ts'
import type { OffsetCheckpoint } from './offset-checkpoint.ts'
import type { PartitionIdentity } from './partition-log.ts'
import type { ProducerCount } from './producer-state.ts'
import type { Segment } from './segment.ts'

/** What the logs of one data directory share. */
export interface LogEnvironment {
  readonly fs: Fs
  readonly files: OpenFiles
  readonly pool: BufferPool
  readonly producers: ProducerCount
  readonly clock: Clock
  readonly logger: Logger
  readonly prng: Prng
  /** Whether files outlive the process. */
  readonly isDurable: boolean
  /** First readable offsets, where DeleteRecords has moved them into a segment. */
  readonly startOffsets: OffsetCheckpoint
  /** Offsets below which every key is there once. */
  readonly cleanerOffsets: OffsetCheckpoint
  /** Offsets up to which all is known to be on the device. */
  readonly recoveryPoints: OffsetCheckpoint
  /** What of a topic's settings the engine follows. */
  adapt(config: LogConfig): LogConfig
  /** A flush for producers or by time has come to its end, well or not. */
  flushEnded(elapsedMs: number): void
  /** A recovery point has moved: it is to be saved before long. */
  recoveryPointMoved(): void
  /** A write found no space. True when something else was given up for it, and it should be tried again. */
  makeRoom(identity: PartitionIdentity, error: unknown): boolean
  /** Its files cannot be used any more: the log has told why, and stays offline until the next start. */
  logFailed(identity: PartitionIdentity): void
  /** Removes the files of segments that are in no log any more, but for the snapshot at `keptSnapshot`. */
  discard(segments: readonly Segment[], delayMs: number, keptSnapshot?: number): void
}
