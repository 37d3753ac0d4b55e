import type { Clock, Logger } from '@odradek/core'
import { CleanerTask } from './compaction/cleaner-task.ts'
import type { MaintenanceSettings } from './maintenance-settings.ts'
import { RetentionTask } from './retention-task.ts'
import type { SegmentedLog } from './segmented-log.ts'

/** Retention and compaction of all logs of a process: one of each, as in Kafka, however many directories there are. */
export class MaintenanceTasks {
  private readonly retention: RetentionTask
  private readonly cleaner: CleanerTask

  constructor(clock: Clock, logger: Logger, settings: MaintenanceSettings, logs: () => readonly SegmentedLog[]) {
    this.retention = new RetentionTask(clock, logger, settings, logs)
    this.cleaner = new CleanerTask(clock, settings, logs)
  }

  /** What has changed since the start; the cleaner's keys, as in Kafka. */
  follow(settings: MaintenanceSettings): void {
    this.cleaner.follow(settings)
  }

  /** Nothing is being deleted or compacted any more when it resolves. */
  async stop(): Promise<void> {
    await this.retention.stop()
    await this.cleaner.stop()
  }
}
