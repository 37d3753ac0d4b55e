import { type Fs, uuidToBytes } from '@odradek/core'
import { readCheckpointText, readNumbers } from '../checkpoint-text.ts'
import {
  CLEANER_OFFSETS_NAME,
  LOG_START_OFFSETS_NAME,
  PARTITION_METADATA_NAME,
  RECOVERY_POINTS_NAME,
} from '../file-names.ts'

/** One partition's directory below a log directory of Kafka's. */
export interface KafkaPartitionDirectory {
  readonly path: string
  readonly topicName: string
  readonly partition: number
  /** As its `partition.metadata` says; null where there is none. */
  readonly topicId: string | null
}

/** What Kafka keeps in one of its `log.dirs`, but for the metadata. */
export interface KafkaLogDirectory {
  readonly path: string
  readonly partitions: readonly KafkaPartitionDirectory[]
  // Offsets by partition, under `kafkaPartitionKey`.
  readonly startOffsets: ReadonlyMap<string, number>
  readonly recoveryPoints: ReadonlyMap<string, number>
  readonly cleanerOffsets: ReadonlyMap<string, number>
}

const METADATA_DIRECTORY = '__cluster_metadata-0'
/** Doomed and future replicas have a further ending; a topic's name may itself end in a number. */
const PARTITION_DIRECTORY = /^(.+)-(\d{1,10})$/

export const kafkaPartitionKey = (topicName: string, partition: number): string => `${topicName} ${partition}`

/** Reads names and checkpoints only, and writes nothing. */
export function readKafkaLogDirectory(fs: Fs, path: string): KafkaLogDirectory {
  const partitions: KafkaPartitionDirectory[] = []
  for (const name of fs.readdirSync(path)) {
    const [, topicName, digits] = PARTITION_DIRECTORY.exec(name) ?? []
    if (topicName === undefined || name === METADATA_DIRECTORY) continue
    const directory = `${path}/${name}`
    if (fs.statSync(directory)?.isDirectory !== true) continue
    partitions.push({ path: directory, topicName, partition: Number(digits), topicId: topicIdIn(fs, directory) })
  }
  return {
    path,
    partitions,
    startOffsets: checkpoint(fs, `${path}/${LOG_START_OFFSETS_NAME}`),
    recoveryPoints: checkpoint(fs, `${path}/${RECOVERY_POINTS_NAME}`),
    cleanerOffsets: checkpoint(fs, `${path}/${CLEANER_OFFSETS_NAME}`),
  }
}

function topicIdIn(fs: Fs, directory: string): string | null {
  const bytes = fs.readFileSync(`${directory}/${PARTITION_METADATA_NAME}`)
  const id = /^topic_id: ([\w-]{22})$/m.exec(Buffer.from(bytes ?? '').toString())?.[1]
  return id !== undefined && uuidToBytes(id).length === 16 ? id : null
}

/** A checkpoint that is missing or damaged says nothing: all of it can be found in the logs. */
function checkpoint(fs: Fs, path: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>()
  for (const line of readCheckpointText(Buffer.from(fs.readFileSync(path) ?? '').toString()) ?? []) {
    const [topicName = '', ...words] = line.split(' ')
    const [partition, offset] = readNumbers(words.join(' '), 2, 0) ?? []
    if (partition !== undefined && offset !== undefined) offsets.set(kafkaPartitionKey(topicName, partition), offset)
  }
  return offsets
}
