import { OffsetCommit, OffsetFetch } from '@odradek/protocol'
import { expectOk } from './failure.ts'
import type { KafkaClient } from './kafka-client.ts'
import { byTopic, type TopicPartition } from './partition-offsets.ts'

/** From here on a request may name several groups, and must use that field. */
const GROUPS_VERSION = 8
/** From here on topics have ids in place of names. */
const NAMES_VERSION_MAX = 9
/** Null topics (all of them) came with this version. */
const ALL_TOPICS_VERSION = 2

export interface CommittedOffset extends TopicPartition {
  readonly offset: number
}

/** All that the group has committed. */
export async function committedOffsets(client: KafkaClient, groupId: string): Promise<readonly CommittedOffset[]> {
  const connection = await client.groupCoordinator(groupId)
  const version = connection.versionOf(OffsetFetch, { min: ALL_TOPICS_VERSION, max: NAMES_VERSION_MAX })
  const isPlural = version >= GROUPS_VERSION
  const request = isPlural ? { groups: [{ groupId, topics: null }] } : { groupId, topics: null }
  const answer = await connection.callIn(OffsetFetch, version, request)
  const group = isPlural ? answer.groups[0] : answer
  expectOk(`group ${groupId}`, group?.errorCode ?? -1)
  const committed = (group?.topics ?? []).flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset, errorCode }) => {
      expectOk(`group ${groupId}, ${name}-${partitionIndex}`, errorCode)
      return { topic: name, partition: partitionIndex, offset: Number(committedOffset) }
    }),
  )
  return committed.filter(({ offset }) => offset >= 0)
}

/** Commits for a group that nobody is a member of. */
export async function commitOffsets(
  client: KafkaClient,
  groupId: string,
  offsets: readonly CommittedOffset[],
): Promise<void> {
  const connection = await client.groupCoordinator(groupId)
  const { topics } = await connection.call(
    OffsetCommit,
    {
      groupId,
      topics: byTopic(offsets).map(([name, partitions]) => ({
        name,
        partitions: partitions.map(({ partition, offset }) => ({
          partitionIndex: partition,
          committedOffset: BigInt(offset),
          committedMetadata: '',
        })),
      })),
    },
    { min: 2, max: NAMES_VERSION_MAX },
  )
  for (const { name, partitions } of topics)
    for (const { partitionIndex, errorCode } of partitions)
      expectOk(`group ${groupId}, ${name}-${partitionIndex}`, errorCode)
}
