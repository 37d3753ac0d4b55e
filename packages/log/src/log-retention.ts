import { present } from '@odradek/core'
import type { LogEnvironment } from './log-environment.ts'
import type { LogState } from './log-state.ts'
import type { LogWriter } from './log-writer.ts'
import type { PartitionIdentity } from './partition-log.ts'
import type { Segment } from './segment.ts'
import { newestMs } from './segment-age.ts'
import { errorText } from './storage-error.ts'

/** Whether a segment has had its time; `next` is null for the active one. */
type Rule = (segment: Segment, next: Segment | null) => boolean

/** Deletes a log's oldest segments by Kafka's rules: their age, the size of all, and what DeleteRecords has cut off. */
export class LogRetention {
  private readonly environment: LogEnvironment
  private readonly identity: PartitionIdentity
  private readonly state: LogState
  private readonly writer: LogWriter
  private readonly moved: () => void

  /** `moved` is called when the log's start has. */
  constructor(
    environment: LogEnvironment,
    identity: PartitionIdentity,
    state: LogState,
    writer: LogWriter,
    moved: () => void,
  ) {
    this.environment = environment
    this.identity = identity
    this.state = state
    this.writer = writer
    this.moved = moved
  }

  /** Deletes what is due, a segment in a turn. Never rejects for a file that cannot be removed: the next run tries again. */
  async deleteOld(): Promise<void> {
    const { state } = this
    if (this.isOver()) return
    const count = this.countDue()
    if (count > 0) {
      if (count === state.segments.all.length && !this.beginAnew()) return
      this.moveStart(present(state.segments.all[count], 'a segment that stays').baseOffset)
    }
    // Where DeleteRecords has put it, which may not be on the device yet; or put it further meanwhile.
    const { startOffset } = state
    if (this.isFirstBefore(startOffset)) await this.saveStart()
    while (!this.isOver() && this.isFirstBefore(startOffset)) {
      this.environment.discard(state.segments.removeFirst(1), state.config.fileDeleteDelayMs)
      await new Promise<void>((resolve) => this.environment.clock.soon(resolve))
    }
  }

  private isOver(): boolean {
    return this.state.isClosed || this.state.failure !== null
  }

  private isFirstBefore(startOffset: number): boolean {
    const second = this.state.segments.all[1]
    return second !== undefined && second.baseOffset <= startOffset
  }

  /** Segments that must go by their age or size; a topic that is only compacted has none. */
  private countDue(): number {
    const { config } = this.state
    if (!config.cleanupDelete) return 0
    return Math.max(this.countWhile(this.tooOld()), this.countWhile(this.tooMany()))
  }

  private tooOld(): Rule {
    const { retentionMs } = this.state.config
    const nowMs = this.environment.clock.wallMs()
    return (segment) => retentionMs >= 0 && nowMs - newestMs(this.environment.fs, segment) > retentionMs
  }

  private tooMany(): Rule {
    const { config, segments } = this.state
    const { retentionBytes } = config
    let excessBytes = segments.sizeBytes - retentionBytes
    return (segment) => {
      if (retentionBytes < 0 || excessBytes < segment.sizeBytes) return false
      excessBytes -= segment.sizeBytes
      return true
    }
  }

  private countWhile(rule: Rule): number {
    const { endOffset, highWatermark, segments } = this.state
    const { all } = segments
    let count = 0
    for (; count < all.length; count++) {
      const segment = present(all[count], 'a segment')
      const next = all[count + 1] ?? null
      const isEmptyEnd = next === null && segment.sizeBytes === 0
      // What consumers have not been allowed to see stays.
      if (isEmptyEnd || highWatermark < (next?.baseOffset ?? endOffset) || !rule(segment, next)) break
    }
    return count
  }

  /** All there is goes: an empty segment tells the next start which offset comes next. */
  private beginAnew(): boolean {
    const { environment, state, writer } = this
    try {
      const { active } = state.segments
      writer.roll()
      if (state.segments.active === active || state.failure !== null) return false
      environment.files.use(state.segments.active.log)
      state.unsyncedDirectories.add(state.directory)
      return true
    } catch (error) {
      environment.logger.warn('a new segment could not be made', { directory: state.directory, why: errorText(error) })
      return false
    }
  }

  private moveStart(startOffset: number): void {
    const { environment, state } = this
    if (startOffset <= state.startOffset) return
    state.startOffset = startOffset
    state.epochs.truncateStart(startOffset)
    state.areEpochsUnsaved = true
    environment.startOffsets.set(this.identity, startOffset)
    this.moved()
  }

  /** Before any file goes: a power cut may bring back some of the deleted ones, with holes between them. */
  private async saveStart(): Promise<void> {
    const { environment, state } = this
    if (!environment.isDurable) return
    try {
      await environment.startOffsets.save()
    } catch (error) {
      // On a full disk deleting is what makes room.
      environment.logger.warn('log start offsets could not be saved', {
        directory: state.directory,
        why: errorText(error),
      })
    }
  }
}
