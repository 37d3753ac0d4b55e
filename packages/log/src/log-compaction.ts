import type { CleanableRange } from './compaction/cleanable-range.ts'
import { cleanableRange } from './compaction/cleanable-range.ts'
import { lastBatchesOf } from './compaction/last-batches.ts'
import { CompactionAbortedError, LogCleaner } from './compaction/log-cleaner.ts'
import type { LogEnvironment } from './log-environment.ts'
import type { LogFlusher } from './log-flusher.ts'
import type { LogState } from './log-state.ts'
import type { LogWriter } from './log-writer.ts'
import type { MaintenanceSettings } from './maintenance-settings.ts'
import type { PartitionIdentity } from './partition-log.ts'
import { newestMs } from './segment-age.ts'
import { errorText, isPassing } from './storage-error.ts'

const MS_PER_SECOND = 1000
/** Waited at a time, so that a new bound, or the end, is not missed for long. */
const WAIT_MS_MAX = 100

/** Compaction of one log: what there is to do, doing it, and stopping in the middle of it. */
export class LogCompaction {
  private readonly environment: LogEnvironment
  private readonly identity: PartitionIdentity
  private readonly state: LogState
  private readonly writer: LogWriter
  private readonly flusher: LogFlusher
  private running: Promise<void> | null = null
  private isStopping = false
  /** Its batches cannot be read: it is left alone until the next start. */
  private isUncleanable = false

  constructor(
    environment: LogEnvironment,
    identity: PartitionIdentity,
    state: LogState,
    writer: LogWriter,
    flusher: LogFlusher,
  ) {
    this.environment = environment
    this.identity = identity
    this.state = state
    this.writer = writer
    this.flusher = flusher
  }

  get isRunning(): boolean {
    return this.running !== null
  }

  /** What could be compacted now; null where nothing may be. */
  range(): CleanableRange | null {
    const { environment, identity, state } = this
    if (this.isOver() || this.isUncleanable || this.isRunning) return null
    const { clock, cleanerOffsets, fs } = environment
    const { config, startOffset, endOffset } = state
    const lastStableOffset = state.transactions.firstUnstable(state.highWatermark)
    const log = { segments: state.segments.all, startOffset, endOffset, lastStableOffset, config }
    return cleanableRange(log, cleanerOffsets.get(identity), clock.wallMs(), (segment) => newestMs(fs, segment))
  }

  /** Compacts the range. Never rejects: what goes wrong is told to the log, and the records stay as they are. */
  clean(range: CleanableRange, settings: () => MaintenanceSettings): Promise<void> {
    this.running = this.run(range, settings).finally(() => {
      this.running = null
    })
    return this.running
  }

  /** Gives up what is under way. Nothing touches the log's files any more when it resolves. */
  async stop(): Promise<void> {
    this.isStopping = true
    await this.running
  }

  /** As `stop`, until `resume`. */
  pause(): Promise<void> {
    return this.stop()
  }

  resume(): void {
    this.isStopping = this.state.isClosed
  }

  private isOver(): boolean {
    const { config, failure, isClosed } = this.state
    return this.isStopping || isClosed || failure !== null || !config.cleanupCompact
  }

  private async run(range: CleanableRange, settings: () => MaintenanceSettings): Promise<void> {
    const { environment, identity, state } = this
    const { cleanerOffsets, logger } = environment
    try {
      // An old value must not go before the new one is on the device; and what waits in memory may still be taken back.
      this.writer.writePending()
      const lastBatches = lastBatchesOf(state.producers.entries)
      if (environment.isDurable) {
        await this.flusher.flushAll()
        // A start takes the gaps that compaction leaves for lost records, were they not below the recovery point.
        await environment.recoveryPoints.save()
      }
      const { dedupeBufferBytes } = settings()
      const pause = this.pacer(settings)
      await pause(0)
      const cleaner = new LogCleaner(environment, state, { range, lastBatches, dedupeBufferBytes, pause })
      cleanerOffsets.set(identity, await cleaner.run())
      await cleanerOffsets.save()
    } catch (error) {
      if (error instanceof CompactionAbortedError || this.isOver()) return
      const fields = { directory: state.directory, topic: identity.topicName, why: errorText(error) }
      this.isUncleanable = !isPassing(error)
      if (this.isUncleanable) logger.error('a partition cannot be compacted', fields)
      else logger.warn('a compaction found no space', fields)
    }
  }

  /** Lets others have their turn after each step, and keeps below log.cleaner.io.max.bytes.per.second, which may change. */
  private pacer(settings: () => MaintenanceSettings): (bytes: number) => Promise<void> {
    const { clock } = this.environment
    let aheadBytes = 0
    let lastMs = clock.monotonicMs()
    const aheadMs = () => (aheadBytes / settings().cleanerBytesPerSecondMax) * MS_PER_SECOND
    return async (bytes) => {
      aheadBytes += bytes
      do {
        const waitMs = Math.min(aheadMs(), WAIT_MS_MAX)
        await new Promise<void>((resolve) => {
          if (waitMs > 1) clock.after(waitMs, resolve)
          else clock.soon(resolve)
        })
        if (this.isOver()) throw new CompactionAbortedError('the log needs no compaction any more')
        const nowMs = clock.monotonicMs()
        const allowedBytes = ((nowMs - lastMs) / MS_PER_SECOND) * settings().cleanerBytesPerSecondMax
        aheadBytes = Math.max(0, aheadBytes - allowedBytes)
        lastMs = nowMs
      } while (aheadMs() > 1)
    }
  }
}
