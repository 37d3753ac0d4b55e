/** What the broker's settings say about the work that a store does by itself. */
export interface MaintenanceSettings {
  /** log.initial.task.delay.ms */
  readonly initialDelayMs: number
  /** log.retention.check.interval.ms */
  readonly retentionCheckIntervalMs: number
  /** log.cleaner.enable */
  readonly isCleanerEnabled: boolean
  /** log.cleaner.backoff.ms */
  readonly cleanerBackoffMs: number
  /** log.cleaner.dedupe.buffer.size: 24 bytes a key; more keys than fit are compacted in several runs. */
  readonly dedupeBufferBytes: number
  /** log.cleaner.io.max.bytes.per.second, read and written together */
  readonly cleanerBytesPerSecondMax: number
}

export const defaultMaintenanceSettings: MaintenanceSettings = {
  initialDelayMs: 30_000,
  retentionCheckIntervalMs: 300_000,
  isCleanerEnabled: true,
  cleanerBackoffMs: 15_000,
  dedupeBufferBytes: 134_217_728,
  cleanerBytesPerSecondMax: Number.MAX_VALUE,
}
