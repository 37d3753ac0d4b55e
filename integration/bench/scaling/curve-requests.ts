import { setTimeout as pause } from 'node:timers/promises'
import {
  CreateTopics,
  ErrorCode,
  Fetch,
  ListGroups,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  Produce,
} from '@odradek/protocol'
import { WireClient } from '../../harness/wire-client.ts'
import { frameOf } from '../frame-of.ts'

const CLIENT_ID = 'scaling'
const CREATE_TOPICS_VERSION = 4
const PRODUCE_VERSION = 7
const FETCH_VERSION = 11
const METADATA_VERSION = 8
const OFFSET_COMMIT_VERSION = 7
const OFFSET_FETCH_VERSION = 5
const LIST_GROUPS_VERSION = 2
/** Ten thousand partitions take a while on a machine with other work. */
const READY_MS_MAX = 180_000
const POLL_MS = 50

const FETCH_TERMS = {
  ...{ replicaId: -1, maxWaitMs: 0, minBytes: 0, maxBytes: 1_048_576, isolationLevel: 0, sessionId: 0 },
  ...{ sessionEpoch: -1, forgottenTopicsData: [], rackId: '' },
}

/** Of one partition each. */
export function createTopics(names: readonly string[]): Uint8Array {
  const shape = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  const topics = names.map((name) => ({ name, ...shape }))
  return frameOf(CLIENT_ID, CreateTopics, CREATE_TOPICS_VERSION, {
    topics,
    timeoutMs: READY_MS_MAX,
    validateOnly: false,
  })
}

/** A batch for each of some partitions of one topic. */
export function produceTo(topic: string, partitions: readonly number[], batch: Uint8Array): Uint8Array {
  return frameOf(CLIENT_ID, Produce, PRODUCE_VERSION, {
    ...{ transactionalId: null, acks: 1, timeoutMs: 30_000 },
    topicData: [{ name: topic, partitionData: partitions.map((index) => ({ index, records: batch })) }],
  })
}

/** Without a session and without waiting, `bytes` at most of each partition. */
export function fetchFrom(
  topic: string,
  partitions: readonly number[],
  fetchOffset: number,
  bytes: number,
): Uint8Array {
  return frameOf(CLIENT_ID, Fetch, FETCH_VERSION, {
    ...FETCH_TERMS,
    topics: [
      {
        topic,
        partitions: partitions.map((partition) => ({
          ...{ partition, currentLeaderEpoch: -1, fetchOffset: BigInt(fetchOffset), logStartOffset: -1n },
          partitionMaxBytes: bytes,
        })),
      },
    ],
  })
}

/** Of some topics, or of all. */
export function metadataOf(topics: readonly string[] | null): Uint8Array {
  return frameOf(CLIENT_ID, Metadata, METADATA_VERSION, {
    topics: topics?.map((name) => ({ name })) ?? null,
    ...{
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    },
  })
}

const commitRequest = (groupId: string, topic: string) => ({
  ...{ groupId, generationIdOrMemberEpoch: -1, memberId: '' },
  topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: '' }] }],
})

/** By nobody who is a member: what a consumer without a group's assignment sends. */
export function commitTo(groupId: string, topic: string): Uint8Array {
  return frameOf(CLIENT_ID, OffsetCommit, OFFSET_COMMIT_VERSION, commitRequest(groupId, topic))
}

export function offsetsOf(groupId: string, topic: string): Uint8Array {
  const topics = [{ name: topic, partitionIndexes: [0] }]
  return frameOf(CLIENT_ID, OffsetFetch, OFFSET_FETCH_VERSION, { groupId, topics })
}

export const groupsList = (): Uint8Array => frameOf(CLIENT_ID, ListGroups, LIST_GROUPS_VERSION, {})

/** @throws Error when the broker refuses what is going to be measured */
export async function checkCommit(port: number, groupId: string, topic: string): Promise<void> {
  const client = await WireClient.open(port)
  const { topics } = await client.call(OffsetCommit, OFFSET_COMMIT_VERSION, commitRequest(groupId, topic))
  client.close()
  const errorCode = topics[0]?.partitions[0]?.errorCode
  if (errorCode !== ErrorCode.NONE) throw new Error(`a commit of group ${groupId} was answered with error ${errorCode}`)
}

/** Resolves when the partition has so many records. @throws Error when that takes too long */
export async function awaitEndOffset(port: number, topic: string, partition: number, atLeast: number): Promise<void> {
  const client = await WireClient.open(port)
  const endMs = performance.now() + READY_MS_MAX
  const partitions = [{ partition, fetchOffset: 0n, logStartOffset: -1n, partitionMaxBytes: 1 }]
  for (;;) {
    const { responses } = await client.call(Fetch, FETCH_VERSION, { ...FETCH_TERMS, topics: [{ topic, partitions }] })
    const row = responses[0]?.partitions[0]
    if (row?.errorCode === ErrorCode.NONE && row.highWatermark >= BigInt(atLeast)) break
    if (performance.now() > endMs)
      throw new Error(
        `${topic}-${partition} ends at ${row?.highWatermark} (error ${row?.errorCode}), not at ${atLeast}`,
      )
    await pause(POLL_MS)
  }
  client.close()
}
