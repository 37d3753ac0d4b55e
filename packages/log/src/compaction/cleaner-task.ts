import type { Clock } from '@odradek/core'
import type { MaintenanceSettings } from '../maintenance-settings.ts'
import type { SegmentedLog } from '../segmented-log.ts'
import type { CleanableRange } from './cleanable-range.ts'

/** Logs looked at before other work gets its turn. */
const LOGS_PER_TURN = 500

interface Candidate {
  readonly log: SegmentedLog
  readonly range: CleanableRange
}

/** Compacts the logs of a store, the dirtiest first, one at a time, and rests when none is dirty enough. */
export class CleanerTask {
  private readonly clock: Clock
  private settings: MaintenanceSettings
  private readonly logs: () => readonly SegmentedLog[]
  private cancel: (() => void) | null = null
  private running: Promise<void> | null = null
  private isStopped = false
  private current: SegmentedLog | null = null

  constructor(clock: Clock, settings: MaintenanceSettings, logs: () => readonly SegmentedLog[]) {
    this.clock = clock
    this.settings = settings
    this.logs = logs
    if (settings.isCleanerEnabled) this.rest()
  }

  /** From now on; the next compaction comes as if the last one had ended now. As in Kafka, whose cleaner starts anew. */
  follow(settings: MaintenanceSettings): void {
    const isRestOther = settings.cleanerBackoffMs !== this.settings.cleanerBackoffMs
    this.settings = settings
    if (!isRestOther || this.cancel === null || this.running !== null || this.isStopped) return
    this.cancel()
    this.rest()
  }

  /** No log is being compacted any more when it resolves. */
  async stop(): Promise<void> {
    this.isStopped = true
    this.cancel?.()
    await this.current?.compaction.stop()
    await this.running
  }

  private rest(): void {
    this.cancel = this.clock.after(this.settings.cleanerBackoffMs, () => {
      this.running = this.run().finally(() => {
        this.running = null
        if (!this.isStopped) this.rest()
      })
    })
  }

  private async run(): Promise<void> {
    // One that could not be compacted now must not keep the others from it.
    const tried = new Set<SegmentedLog>()
    for (;;) {
      const dirtiest = await this.dirtiest(tried)
      if (dirtiest === null || this.isStopped) return
      const { log, range } = dirtiest
      this.current = log
      await log.compaction.clean(range, () => this.settings)
      this.current = null
      // In a log with more keys than there is memory for, more is left to do.
      if (log.compaction.range()?.firstDirtyOffset === range.firstDirtyOffset) tried.add(log)
    }
  }

  private async dirtiest(tried: ReadonlySet<SegmentedLog>): Promise<Candidate | null> {
    let found: Candidate | null = null
    for (const [index, log] of this.logs().entries()) {
      if (index % LOGS_PER_TURN === LOGS_PER_TURN - 1) {
        await new Promise<void>((resolve) => this.clock.soon(resolve))
      }
      const range = tried.has(log) ? null : log.compaction.range()
      if (range === null || range.dirtyBytes === 0) continue
      if (!range.isOverdue && range.dirtyRatio <= log.minCleanableDirtyRatio) continue
      if (found === null || range.dirtyRatio > found.range.dirtyRatio) found = { log, range }
    }
    return found
  }
}
