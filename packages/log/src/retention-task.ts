import type { Clock, Logger } from '@odradek/core'
import type { MaintenanceSettings } from './maintenance-settings.ts'
import type { SegmentedLog } from './segmented-log.ts'
import { errorText } from './storage-error.ts'

/** Logs looked at before other work gets its turn. */
const LOGS_PER_TURN = 100

/** Looks after all logs of a store, one after the other, with one timer. */
export class RetentionTask {
  private readonly clock: Clock
  private readonly logger: Logger
  private readonly settings: MaintenanceSettings
  private readonly logs: () => readonly SegmentedLog[]
  private cancel: (() => void) | null = null
  private running: Promise<void> | null = null
  private isStopped = false

  constructor(clock: Clock, logger: Logger, settings: MaintenanceSettings, logs: () => readonly SegmentedLog[]) {
    this.clock = clock
    this.logger = logger
    this.settings = settings
    this.logs = logs
    this.schedule(settings.initialDelayMs)
  }

  /** Nothing is being deleted any more when it resolves. */
  async stop(): Promise<void> {
    this.isStopped = true
    this.cancel?.()
    await this.running
  }

  private schedule(delayMs: number): void {
    this.cancel = this.clock.after(delayMs, () => {
      this.running = this.run().finally(() => {
        this.running = null
        if (!this.isStopped) this.schedule(this.settings.retentionCheckIntervalMs)
      })
    })
  }

  private async run(): Promise<void> {
    for (const [index, log] of this.logs().entries()) {
      if (this.isStopped) return
      if (index % LOGS_PER_TURN === LOGS_PER_TURN - 1) {
        await new Promise<void>((resolve) => this.clock.soon(resolve))
      }
      try {
        await log.deleteOldSegments()
      } catch (error) {
        this.logger.warn('old segments could not be deleted', { ...log.identity, why: errorText(error) })
      }
    }
  }
}
