import type { Fs } from '@odradek/core'
import type { DecompressionLimits } from '@odradek/records'
import {
  baseOffsetOfName,
  CLEANED_SUFFIX,
  directoryName,
  LEADER_EPOCHS_NAME,
  LOG_SUFFIX,
  offsetFileName,
  SWAP_SUFFIX,
} from '../file-names.ts'
import { replaceFile } from '../small-file.ts'
import type { KafkaPartitionDirectory } from './kafka-log-directory.ts'
import { copySegment } from './segment-copy.ts'

export interface PartitionToImport {
  readonly fs: Fs
  readonly source: KafkaPartitionDirectory
  /** The data directory that is being made. */
  readonly dataDirectory: string
  readonly topicId: string
  /** Offset below which Kafka had flushed everything: nothing below it can be a torn tail. */
  readonly recoveryPoint: number
  readonly limits: DecompressionLimits
  onBytes(count: number): void
}

export interface ImportedPartition {
  readonly endOffset: number
  readonly convertedMessages: number
  /** Where a torn tail was left out; null when there was none. */
  readonly cut: { readonly file: string; readonly position: number; readonly reason: string } | null
}

const REMEDY = `have Kafka repair it (start and stop it once), or import another replica's directory`

/** Records that Kafka had on the device are damaged or missing. The message names file and offset. */
class KafkaLogDamagedError extends Error {
  override readonly name = 'KafkaLogDamagedError'
}

/** A segment's file, and whether a compaction was about to put it in the place of others. */
interface SourceSegment {
  readonly baseOffset: number
  readonly path: string
  readonly isSwap: boolean
}

/**
 * Copies a partition's batches into the data directory: segments as they are, their epochs, no index. Opening the log
 * makes the rest.
 * @throws KafkaLogDamagedError, or what the file system says.
 */
export async function importPartition(partition: PartitionToImport): Promise<ImportedPartition> {
  const { fs, source, dataDirectory, topicId, recoveryPoint, limits } = partition
  const target = `${dataDirectory}/${directoryName({ topicId, partition: source.partition })}`
  fs.mkdirSync(target)
  let endOffset = 0
  let swapEndOffset = 0
  let convertedMessages = 0
  let cut: ImportedPartition['cut'] = null
  for (const { baseOffset, path, isSwap } of sourceSegments(fs, source.path)) {
    // What a swapped segment stands for is beside it until Kafka's next start.
    if (!isSwap && baseOffset < swapEndOffset) continue
    if (cut !== null) throw damaged(cut.file, cut.position, endOffset, `${cut.reason}, and ${path} follows it`)
    const copied = await copySegment({
      fs,
      source: path,
      target: `${target}/${offsetFileName(baseOffset, LOG_SUFFIX)}`,
      baseOffset,
      limits,
      onBytes: partition.onBytes,
    })
    endOffset = copied.endOffset
    if (isSwap) swapEndOffset = Math.max(endOffset, baseOffset + 1)
    convertedMessages += copied.convertedMessages
    if (copied.fault === null) continue
    cut = { file: path, ...copied.fault }
    if (endOffset < recoveryPoint) throw damaged(path, copied.fault.position, endOffset, copied.fault.reason)
  }
  if (endOffset < recoveryPoint) {
    throw new KafkaLogDamagedError(
      `${source.path} ends at offset ${endOffset}, but Kafka had flushed it up to ${recoveryPoint}: files are missing; ${REMEDY}`,
    )
  }
  copyEpochs(fs, source.path, target)
  await fs.syncDirectory(target)
  return { endOffset, convertedMessages, cut }
}

/** In order; a compacted segment that Kafka's next start would have put in place comes before what it replaces. */
function sourceSegments(fs: Fs, directory: string): readonly SourceSegment[] {
  const names = fs.readdirSync(directory)
  // Without all of what compaction was writing, Kafka takes none of it that is not yet needed.
  const unfinished = names.filter((name) => name.endsWith(`${LOG_SUFFIX}${CLEANED_SUFFIX}`))
  const firstUnfinished = Math.min(
    ...unfinished.map((name) => baseOf(name, CLEANED_SUFFIX) ?? Number.POSITIVE_INFINITY),
  )
  const segments: SourceSegment[] = []
  for (const name of names) {
    const isSwap = name.endsWith(`${LOG_SUFFIX}${SWAP_SUFFIX}`)
    const baseOffset = isSwap ? baseOf(name, SWAP_SUFFIX) : baseOffsetOfName(name)
    if (baseOffset === null || (isSwap && baseOffset >= firstUnfinished)) continue
    segments.push({ baseOffset, path: `${directory}/${name}`, isSwap })
  }
  return segments.sort((a, b) => a.baseOffset - b.baseOffset || Number(b.isSwap) - Number(a.isSwap))
}

const baseOf = (name: string, suffix: string): number | null => baseOffsetOfName(name.slice(0, -suffix.length))

/** Kafka's file is ours; what it says of offsets that were cut off goes when the log is opened. */
function copyEpochs(fs: Fs, source: string, target: string): void {
  const bytes = fs.readFileSync(`${source}/${LEADER_EPOCHS_NAME}`)
  if (bytes !== null) replaceFile(fs, `${target}/${LEADER_EPOCHS_NAME}`, Buffer.from(bytes).toString())
}

function damaged(file: string, position: number, endOffset: number, reason: string): KafkaLogDamagedError {
  return new KafkaLogDamagedError(
    `${file} is damaged at position ${position}, from offset ${endOffset}: ${reason}; ${REMEDY}`,
  )
}
