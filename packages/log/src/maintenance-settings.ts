/** What the broker's settings say about the work that a store does by itself. */
export interface MaintenanceSettings {
  /** log.initial.task.delay.ms */
  readonly initialDelayMs: number
  /** log.retention.check.interval.ms */
  readonly retentionCheckIntervalMs: number
}

export const defaultMaintenanceSettings: MaintenanceSettings = {
  initialDelayMs: 30_000,
  retentionCheckIntervalMs: 300_000,
}
