import { NO_LEADER_EPOCH, type TopicId, topicId, ZERO_TOPIC_ID } from '@odradek/core'
import {
  encodeRecordKey,
  encodeRecordValue,
  GroupMetadataKey,
  GroupMetadataValue,
  type GroupMetadataValueInput,
  type LegacyOffsetCommitValue,
  OffsetCommitKey,
  OffsetCommitValue,
} from '@odradek/protocol/records'
import type { CoordinatorRecord } from '../runtime/shard.ts'

/** What Kafka 4.4 writes, so that it reads what we have written. */
const GROUP_METADATA_VERSION = 3
const OFFSET_COMMIT_VERSION = 4
/** The one version that has an expiry of its own; it has neither leader epoch nor topic id. */
const OFFSET_COMMIT_WITH_EXPIRY_VERSION = 1

/** No expiry of its own: `offsets.retention.minutes` says. */
export const NO_EXPIRY = -1n

export interface CommittedOffset {
  readonly offset: bigint
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestampMs: bigint
  readonly expireTimestampMs: bigint
  /** ZERO_TOPIC_ID: not known. */
  readonly topicId: TopicId
}

export function offsetCommitRecord(
  group: string,
  topic: string,
  partition: number,
  committed: CommittedOffset,
): CoordinatorRecord {
  const key = encodeRecordKey(OffsetCommitKey, { group, topic, partition })
  const {
    offset,
    leaderEpoch,
    metadata,
    commitTimestampMs: commitTimestamp,
    expireTimestampMs: expireTimestamp,
    topicId,
  } = committed
  const value =
    expireTimestamp === NO_EXPIRY
      ? encodeRecordValue(OffsetCommitValue, OFFSET_COMMIT_VERSION, {
          offset,
          leaderEpoch,
          metadata,
          commitTimestamp,
          topicId,
        })
      : encodeRecordValue(OffsetCommitValue, OFFSET_COMMIT_WITH_EXPIRY_VERSION, {
          offset,
          metadata,
          commitTimestamp,
          expireTimestamp,
        })
  return { key, value }
}

export function offsetTombstone(group: string, topic: string, partition: number): CoordinatorRecord {
  return { key: encodeRecordKey(OffsetCommitKey, { group, topic, partition }), value: null }
}

export function groupMetadataRecord(group: string, value: GroupMetadataValueInput): CoordinatorRecord {
  return {
    key: encodeRecordKey(GroupMetadataKey, { group }),
    value: encodeRecordValue(GroupMetadataValue, GROUP_METADATA_VERSION, value),
  }
}

export function groupTombstone(group: string): CoordinatorRecord {
  return { key: encodeRecordKey(GroupMetadataKey, { group }), value: null }
}

export function committedOffsetOf(value: OffsetCommitValue): CommittedOffset {
  return {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitTimestampMs: value.commitTimestamp,
    expireTimestampMs: value.expireTimestamp,
    topicId: topicId(value.topicId),
  }
}

/** Of brokers before 0.9: they knew neither leader epochs nor topic ids. */
export function legacyCommittedOffset(value: LegacyOffsetCommitValue): CommittedOffset {
  return {
    offset: value.offset,
    leaderEpoch: NO_LEADER_EPOCH,
    metadata: value.metadata,
    commitTimestampMs: value.commitTimestamp,
    expireTimestampMs: NO_EXPIRY,
    topicId: ZERO_TOPIC_ID,
  }
}
