import type { Fs } from '@odradek/core'
import { writeCheckpointText } from '../checkpoint-text.ts'
import {
  baseOffsetOfName,
  directoryName,
  LEADER_EPOCHS_NAME,
  LOG_START_OFFSETS_NAME,
  PARTITION_METADATA_NAME,
} from '../file-names.ts'
import type { PartitionIdentity } from '../partition-log.ts'
import { replaceFile, replaceFileDurably } from '../small-file.ts'
import { copySegment } from './segment-copy.ts'

/** A log of ours that is closed and in order. */
export interface ExportedLog {
  readonly identity: PartitionIdentity
  readonly startOffset: number
}

export interface LogsToExport {
  readonly fs: Fs
  readonly dataDirectory: string
  /** The log directory of Kafka's that is being made. */
  readonly kafkaDirectory: string
  readonly logs: readonly ExportedLog[]
  /** Told how many bytes of all are copied. */
  onProgress(copiedBytes: number, totalBytes: number): void
}

/** Nothing of ours is of an older format, so nothing is unpacked. */
const LIMITS = { maxDecompressedBytes: 0 }

/**
 * Copies logs as Kafka names them: batches, each checked, epochs and start offsets. Indexes and producer state are left
 * for Kafka to make: its recovery, which it runs over a directory that it did not close itself, writes them in any case.
 * @throws Error when a segment is damaged, or what the file system says.
 */
export async function exportLogs(options: LogsToExport): Promise<void> {
  const { fs, dataDirectory, kafkaDirectory, logs } = options
  const files = logs.map(({ identity }) => segmentsOf(fs, `${dataDirectory}/${directoryName(identity)}`))
  const totalBytes = files.flat().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let copiedBytes = 0
  const onBytes = (count: number) => {
    copiedBytes += count
    options.onProgress(copiedBytes, totalBytes)
  }
  for (const [index, { identity }] of logs.entries()) {
    const target = `${kafkaDirectory}/${identity.topicName}-${identity.partition}`
    fs.mkdirSync(target)
    replaceFile(fs, `${target}/${PARTITION_METADATA_NAME}`, `version: 0\ntopic_id: ${identity.topicId}`)
    for (const { path, name, baseOffset } of files[index] ?? []) {
      const segment = { fs, source: path, target: `${target}/${name}`, baseOffset, limits: LIMITS, onBytes }
      const { fault } = await copySegment(segment)
      if (fault !== null) throw new Error(`${path} is damaged at position ${fault.position}: ${fault.reason}`)
    }
    const epochs = fs.readFileSync(`${dataDirectory}/${directoryName(identity)}/${LEADER_EPOCHS_NAME}`)
    if (epochs !== null) replaceFile(fs, `${target}/${LEADER_EPOCHS_NAME}`, Buffer.from(epochs).toString())
    await fs.syncDirectory(target)
  }
  // Without it what DeleteRecords removed would be back.
  const starts = logs
    .filter(({ startOffset }) => startOffset > 0)
    .map(({ identity, startOffset }) => `${identity.topicName} ${identity.partition} ${startOffset}`)
  await replaceFileDurably(fs, kafkaDirectory, LOG_START_OFFSETS_NAME, writeCheckpointText(starts))
}

interface SegmentFile {
  readonly path: string
  readonly name: string
  readonly baseOffset: number
  readonly sizeBytes: number
}

function segmentsOf(fs: Fs, directory: string): readonly SegmentFile[] {
  return fs.readdirSync(directory).flatMap((name) => {
    const baseOffset = baseOffsetOfName(name)
    if (baseOffset === null) return []
    const path = `${directory}/${name}`
    return [{ path, name, baseOffset, sizeBytes: fs.statSync(path)?.sizeBytes ?? 0 }]
  })
}
