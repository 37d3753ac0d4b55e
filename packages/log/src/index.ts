export { BackupError } from './backup/backup-manifest.ts'
export { HoldingFs } from './backup/holding-fs.ts'
export { restoreBackup } from './backup/restore-backup.ts'
export { type BackupSummary, takeBackup } from './backup/take-backup.ts'
export {
  isUnassigned,
  type LogDirectories,
  type LogDirectoryTable,
} from './directories/log-directories.ts'
export type { LogDirectorySettings, LogDirectoryView } from './directories/log-directory.ts'
export { diskLogDirectories, diskLogStore } from './disk-log-store.ts'
export { DiskFs } from './fs/disk-fs.ts'
export { MemoryFs } from './fs/memory-fs.ts'
export { chosenCopies, type SurveyedDirectory } from './inspection/chosen-copies.ts'
export { type StoredPartition, surveyDirectory } from './inspection/directory-survey.ts'
export { type Finding, isDamage } from './inspection/finding.ts'
export { inspectPartition } from './inspection/partition-inspection.ts'
export { storedBatches } from './inspection/stored-batches.ts'
export { type ExportedLog, exportLogs } from './interchange/export-logs.ts'
export { importLogs, type LogToImport } from './interchange/import-logs.ts'
export type { ImportedPartition } from './interchange/import-partition.ts'
export {
  type KafkaLogDirectory,
  type KafkaPartitionDirectory,
  kafkaPartitionKey,
  readKafkaLogDirectory,
} from './interchange/kafka-log-directory.ts'
export { type LogCheckpoints, type StoredCheckpoint, storedCheckpoints } from './log-checkpoints.ts'
export * from './log-config.ts'
export { defaultMaintenanceSettings, type MaintenanceSettings } from './maintenance-settings.ts'
export { memoryLogDirectories, memoryLogStore } from './memory-log-store.ts'
export * from './partition-log.ts'
export { repairPartition } from './repair/repair-partition.ts'
export { planRepair, type RepairRequest } from './repair/repair-plan.ts'
export { replaceFileDurably } from './small-file.ts'
export { isOutOfSpace } from './storage-error.ts'
