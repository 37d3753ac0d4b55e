import { uuidFromBytes, uuidToBytes } from '@odradek/core'
import type { CheckpointId } from './log-checkpoints.ts'
import type { PartitionIdentity } from './partition-log.ts'

// Kafka's names within a partition's directory.
export const LOG_SUFFIX = '.log'
export const OFFSET_INDEX_SUFFIX = '.index'
export const TIME_INDEX_SUFFIX = '.timeindex'
/** Aborted transactions of a segment. */
export const TRANSACTION_INDEX_SUFFIX = '.txnindex'
/** Producer state at a segment's first offset. */
export const SNAPSHOT_SUFFIX = '.snapshot'
/** All files that come and go with a segment. */
export const SEGMENT_SUFFIXES: readonly string[] = [
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  TIME_INDEX_SUFFIX,
  TRANSACTION_INDEX_SUFFIX,
  SNAPSHOT_SUFFIX,
]
/** Appended to a file or directory that waits for its removal. */
export const DELETED_SUFFIX = '.deleted'
export const DELETE_DIRECTORY_SUFFIX = '-delete'
/** A compacted segment that is being written. */
export const CLEANED_SUFFIX = '.cleaned'
/** A compacted segment, whole and on the device, that is to replace others. */
export const SWAP_SUFFIX = '.swap'
/** A segment that a repair is writing. */
export const REPAIRED_SUFFIX = '.repaired'
/** What a repair has taken out, kept for a person. */
export const DAMAGED_SUFFIX = '.damaged'
export const TEMPORARY_SUFFIX = '.tmp'
export const LEADER_EPOCHS_NAME = 'leader-epoch-checkpoint'
/** Ours: what a start would otherwise read the log for. */
export const LOG_FACTS_NAME = 'odradek-log-facts'
export const PARTITION_METADATA_NAME = 'partition.metadata'

// Kafka's names within a data directory.
export const LOG_START_OFFSETS_NAME = 'log-start-offset-checkpoint'
export const CLEANER_OFFSETS_NAME = 'cleaner-offset-checkpoint'
export const RECOVERY_POINTS_NAME = 'recovery-point-offset-checkpoint'
/** Ours: Kafka's marker would tell Kafka that it may skip recovery here. */
export const CLEAN_SHUTDOWN_NAME = '.odradek_cleanshutdown'

/** Ours: what a clean stop knew of every log. */
export const CLOSED_LOGS_NAME = 'odradek-closed-logs'

const METADATA_TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const METADATA_TOPIC_NAME = '__cluster_metadata'

const OFFSET_DIGITS = 20
const EPOCH_DIGITS = 10
const LOG_NAME = /^(\d{20})\.log$/
const SNAPSHOT_NAME = /^(\d{20})\.snapshot$/
const CHECKPOINT_NAME = /^(\d{20})-(\d{10})\.checkpoint$/
const DIRECTORY_NAME = /^([0-9a-f]{32})-(\d{1,10})$/

/** A segment's files are named by its first offset. */
export function offsetFileName(baseOffset: number, suffix: string): string {
  return `${String(baseOffset).padStart(OFFSET_DIGITS, '0')}${suffix}`
}

/** First offset of the segment that a `.log` file holds; null for other names. */
export function baseOffsetOfName(name: string): number | null {
  return offsetIn(name, LOG_NAME)
}

/** The offset whose producer state a `.snapshot` file holds; null for other names. */
export function snapshotOffsetOfName(name: string): number | null {
  return offsetIn(name, SNAPSHOT_NAME)
}

/** Kafka's name of a file that stands for all records below an offset (KIP-630). */
export function checkpointFileName({ endOffset, leaderEpoch }: CheckpointId): string {
  return `${String(endOffset).padStart(OFFSET_DIGITS, '0')}-${String(leaderEpoch).padStart(EPOCH_DIGITS, '0')}.checkpoint`
}

/** What `checkpointFileName` made a name of; null for other names. */
export function checkpointOfName(name: string): CheckpointId | null {
  const [, end, epoch] = CHECKPOINT_NAME.exec(name) ?? []
  const id = { endOffset: Number(end), leaderEpoch: Number(epoch) }
  return Number.isSafeInteger(id.endOffset) ? id : null
}

function offsetIn(name: string, pattern: RegExp): number | null {
  const digits = pattern.exec(name)?.[1]
  if (digits === undefined) return null
  const offset = Number(digits)
  return Number.isSafeInteger(offset) ? offset : null
}

/**
 * Topic ids in base64 differ by case alone, topic names may be `CON` or differ by case: on some systems neither is a safe
 * name. The metadata log keeps Kafka's, which its tools look for.
 */
export function directoryName(identity: Pick<PartitionIdentity, 'topicId' | 'partition'>): string {
  if (identity.topicId === METADATA_TOPIC_ID) return `${METADATA_TOPIC_NAME}-${identity.partition}`
  return `${Buffer.from(uuidToBytes(identity.topicId)).toString('hex')}-${identity.partition}`
}

/** What `directoryName` made a name of; null for other directories. */
export function identityOfDirectory(name: string): { readonly topicId: string; readonly partition: number } | null {
  if (name === `${METADATA_TOPIC_NAME}-0`) return { topicId: METADATA_TOPIC_ID, partition: 0 }
  const [, hex, partition] = DIRECTORY_NAME.exec(name) ?? []
  if (hex === undefined || partition === undefined) return null
  return { topicId: uuidFromBytes(Buffer.from(hex, 'hex')), partition: Number(partition) }
}
