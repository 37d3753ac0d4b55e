import type { Fs } from '@odradek/core'
import { readCheckpointText } from '../checkpoint-text.ts'
import {
  CLEAN_SHUTDOWN_NAME,
  CLEANER_OFFSETS_NAME,
  DELETE_DIRECTORY_SUFFIX,
  identityOfDirectory,
  LOG_START_OFFSETS_NAME,
  PARTITION_METADATA_NAME,
  RECOVERY_POINTS_NAME,
} from '../file-names.ts'
import { OffsetCheckpoint } from '../offset-checkpoint.ts'
import type { Finding } from './finding.ts'
import type { PartitionToInspect } from './partition-inspection.ts'

export interface StoredPartition extends PartitionToInspect {
  readonly topicId: string
  readonly partition: number
}

export interface StoredDirectory {
  readonly partitions: readonly StoredPartition[]
  /** Up to where a partition was on the device, also of one whose directory is gone. */
  recoveryPointOf(partition: { readonly topicId: string; readonly partition: number }): number
  /** About files of the data directory itself. */
  readonly findings: readonly Finding[]
}

/** What lies in a data directory that nobody has open, without reading a log. Changes nothing. */
export function surveyDirectory(fs: Fs, directory: string): StoredDirectory {
  const recoveryPoints = new OffsetCheckpoint(fs, directory, RECOVERY_POINTS_NAME, false)
  const startOffsets = new OffsetCheckpoint(fs, directory, LOG_START_OFFSETS_NAME, false)
  const wasClosedWell = fs.statSync(`${directory}/${CLEAN_SHUTDOWN_NAME}`) !== null
  const findings: Finding[] = []
  for (const name of [RECOVERY_POINTS_NAME, LOG_START_OFFSETS_NAME, CLEANER_OFFSETS_NAME]) {
    const bytes = fs.readFileSync(`${directory}/${name}`)
    if (bytes === null || readCheckpointText(Buffer.from(bytes).toString()) !== null) continue
    findings.push({ kind: 'derived-file', file: `${directory}/${name}`, what: 'it is no checkpoint' })
  }
  const partitions: StoredPartition[] = []
  for (const name of fs.readdirSync(directory)) {
    const path = `${directory}/${name}`
    if (fs.statSync(path)?.isDirectory !== true) continue
    const identity = identityOfDirectory(name)
    if (identity !== null) {
      const recoveryPoint = recoveryPoints.get(identity) ?? 0
      const startOffset = startOffsets.get(identity) ?? 0
      partitions.push({ ...identity, directory: path, recoveryPoint, startOffset, wasClosedWell })
    } else if (name.endsWith(DELETE_DIRECTORY_SUFFIX)) {
      findings.push({ kind: 'left-over', file: path, what: 'is of a deleted topic; the next start removes it' })
    }
  }
  return { partitions, recoveryPointOf: (partition) => recoveryPoints.get(partition) ?? 0, findings }
}

export function identityFaults(fs: Fs, { directory, topicId }: StoredPartition): Finding[] {
  const file = `${directory}/${PARTITION_METADATA_NAME}`
  const bytes = fs.readFileSync(file)
  if (bytes !== null && Buffer.from(bytes).toString().trimEnd() === `version: 0\ntopic_id: ${topicId}`) return []
  return [{ kind: 'derived-file', file, what: bytes === null ? 'is missing' : `it does not say topic_id: ${topicId}` }]
}
