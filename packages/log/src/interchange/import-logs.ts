import type { Fs } from '@odradek/core'
import type { DecompressionLimits } from '@odradek/records'
import { CLEANER_OFFSETS_NAME, LOG_START_OFFSETS_NAME } from '../file-names.ts'
import { OffsetCheckpoint } from '../offset-checkpoint.ts'
import { type ImportedPartition, importPartition } from './import-partition.ts'
import type { KafkaPartitionDirectory } from './kafka-log-directory.ts'

export interface LogToImport {
  readonly source: KafkaPartitionDirectory
  readonly topicId: string
  readonly startOffset: number | null
  readonly recoveryPoint: number
  readonly cleanerOffset: number | null
}

export interface LogsToImport {
  readonly fs: Fs
  readonly dataDirectory: string
  readonly logs: readonly LogToImport[]
  readonly limits: DecompressionLimits
  onBytes(count: number): void
}

/**
 * Copies partitions out of Kafka's directories, which are only read, one after the other.
 * @throws KafkaLogDamagedError, or what the file system says.
 */
export async function importLogs(options: LogsToImport): Promise<ReadonlyMap<LogToImport, ImportedPartition>> {
  const { fs, dataDirectory, logs } = options
  const imported = new Map<LogToImport, ImportedPartition>()
  for (const log of logs) imported.set(log, await importPartition({ ...options, ...log }))
  const startOffsets = new OffsetCheckpoint(fs, dataDirectory, LOG_START_OFFSETS_NAME, true)
  const cleanerOffsets = new OffsetCheckpoint(fs, dataDirectory, CLEANER_OFFSETS_NAME, true)
  for (const { topicId, source, startOffset, cleanerOffset } of logs) {
    const partition = { topicId, partition: source.partition }
    if (startOffset !== null) startOffsets.set(partition, startOffset)
    if (cleanerOffset !== null) cleanerOffsets.set(partition, cleanerOffset)
  }
  await startOffsets.save()
  await cleanerOffsets.save()
  return imported
}
