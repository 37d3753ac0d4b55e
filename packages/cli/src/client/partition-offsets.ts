import { ErrorCode, ListOffsets, type MetadataResponse } from '@odradek/protocol'
import { expectOk } from './failure.ts'
import type { KafkaClient } from './kafka-client.ts'

/** What ListOffsets takes in place of a time. */
export const LATEST = -1n
export const EARLIEST = -2n
export const MAX_TIMESTAMP = -3n

const { LEADER_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION } = ErrorCode
const CONSUMER = -1
const NOBODY = -1
/** From here on one offset is answered, not a list. */
const SINGLE_OFFSET_VERSION = 1

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface WantedOffset extends TopicPartition {
  /** Milliseconds, or one of the above. */
  readonly timestamp: bigint
}

export interface FoundOffset extends TopicPartition {
  /** -1 when no record is as late as that. */
  readonly offset: number
  readonly timestamp: number
}

export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

/** Each partition of `topics`, in order. @throws CommandFailure for a topic that is not there. */
export async function partitionsOf(client: KafkaClient, topics: readonly string[]): Promise<readonly TopicPartition[]> {
  const metadata = await client.metadata(topics)
  return metadata.topics.flatMap(({ name, errorCode, partitions }) => {
    expectOk(`topic ${name}`, errorCode)
    return partitions
      .map(({ partitionIndex }) => ({ topic: name ?? '', partition: partitionIndex }))
      .sort((a, b) => a.partition - b.partition)
  })
}

/** Asks each partition's leader. @throws CommandFailure */
export function listOffsets(client: KafkaClient, wanted: readonly WantedOffset[]): Promise<readonly FoundOffset[]> {
  return client.retrying(async () => {
    const found = new Map<string, FoundOffset>()
    for (const [leader, partitions] of await byLeader(client, wanted)) {
      for (const each of await offsetsAt(client, leader, partitions)) found.set(partitionName(each), each)
    }
    return wanted.map((each) => found.get(partitionName(each)) ?? { ...each, offset: -1, timestamp: -1 })
  })
}

async function offsetsAt(
  client: KafkaClient,
  leader: number,
  partitions: readonly WantedOffset[],
): Promise<readonly FoundOffset[]> {
  const connection = await client.node(leader)
  const needsNew = partitions.some(({ timestamp }) => timestamp === MAX_TIMESTAMP)
  const version = connection.versionOf(ListOffsets, { min: needsNew ? 7 : SINGLE_OFFSET_VERSION })
  const { topics } = await connection.callIn(ListOffsets, version, {
    replicaId: CONSUMER,
    topics: byTopic(partitions).map(([name, each]) => ({
      name,
      partitions: each.map(({ partition, timestamp }) => ({ partitionIndex: partition, timestamp })),
    })),
  })
  return topics.flatMap(({ name, partitions: answers }) =>
    answers.map(({ partitionIndex, errorCode, offset, timestamp }) => {
      expectOk(`partition ${name}-${partitionIndex}`, errorCode)
      return { topic: name, partition: partitionIndex, offset: Number(offset), timestamp: Number(timestamp) }
    }),
  )
}

/** Who leads which of `partitions`. @throws CommandFailure for one that is not there, RetriableFailure for one without a leader. */
export async function byLeader<P extends TopicPartition>(
  client: KafkaClient,
  partitions: readonly P[],
): Promise<ReadonlyMap<number, readonly P[]>> {
  const metadata = await client.metadata([...new Set(partitions.map(({ topic }) => topic))])
  const leaders = new Map<number, P[]>()
  for (const each of partitions) {
    const leader = leaderOf(metadata, each)
    leaders.set(leader, [...(leaders.get(leader) ?? []), each])
  }
  return leaders
}

function leaderOf(metadata: MetadataResponse, { topic, partition }: TopicPartition): number {
  const found = metadata.topics.find(({ name }) => name === topic)
  expectOk(`topic ${topic}`, found?.errorCode ?? UNKNOWN_TOPIC_OR_PARTITION)
  const known = found?.partitions.find(({ partitionIndex }) => partitionIndex === partition)
  expectOk(`partition ${topic}-${partition}`, known === undefined ? UNKNOWN_TOPIC_OR_PARTITION : known.errorCode)
  const leaderId = known?.leaderId ?? NOBODY
  if (leaderId === NOBODY) expectOk(`partition ${topic}-${partition}`, LEADER_NOT_AVAILABLE)
  return leaderId
}

/** Grouped as most requests want them. */
export function byTopic<P extends TopicPartition>(
  partitions: readonly P[],
): readonly (readonly [string, readonly P[]])[] {
  const topics = new Map<string, P[]>()
  for (const each of partitions) topics.set(each.topic, [...(topics.get(each.topic) ?? []), each])
  return [...topics]
}
