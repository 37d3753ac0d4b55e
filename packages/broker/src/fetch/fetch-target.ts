import { type Offset, offsetFromWire, type TopicId, topicId, ZERO_TOPIC_ID } from '@odradek/core'
import type { FetchRequest } from '@odradek/protocol'

/** Requests name topics by id from this version on (KIP-516). */
export const FETCH_BY_ID_VERSION_MIN = 13

/** What a client wants of one partition; a session keeps it from request to request. */
export interface FetchTarget {
  /** Tells apart the partitions of a session. */
  readonly key: string
  /** "" in a request by id, until a topic of that id has been found. */
  topicName: string
  /** Zero in a request by name. */
  readonly topicId: TopicId
  readonly partition: number
  fetchOffset: Offset
  bytesMax: number
  /** -1: not checked. */
  currentLeaderEpoch: number
  /** -1: not checked. */
  lastFetchedEpoch: number
}

/** A partition that the client no longer wants in its session. */
export interface ForgottenPartition {
  readonly key: string
}

/** A topic's id or name may hold a slash, its partition's number not: no two partitions share a key. */
function targetKey(
  version: number,
  topic: { readonly topic: string; readonly topicId: string },
  partition: number,
): string {
  return `${version >= FETCH_BY_ID_VERSION_MIN ? topic.topicId : topic.topic}/${partition}`
}

/** The partitions of a request by key, in its order; of a partition named twice the last row holds, in the first one's place. */
export function fetchTargets(request: FetchRequest, version: number): Map<string, FetchTarget> {
  const byId = version >= FETCH_BY_ID_VERSION_MIN
  const targets = new Map<string, FetchTarget>()
  for (const topic of request.topics) {
    for (const row of topic.partitions) {
      const key = targetKey(version, topic, row.partition)
      targets.set(key, {
        key,
        topicName: byId ? '' : topic.topic,
        topicId: byId ? topicId(topic.topicId) : ZERO_TOPIC_ID,
        partition: row.partition,
        fetchOffset: offsetFromWire(row.fetchOffset),
        bytesMax: row.partitionMaxBytes,
        currentLeaderEpoch: row.currentLeaderEpoch,
        lastFetchedEpoch: row.lastFetchedEpoch,
      })
    }
  }
  return targets
}

export function forgottenPartitions(request: FetchRequest, version: number): ForgottenPartition[] {
  return request.forgottenTopicsData.flatMap((topic) =>
    topic.partitions.map((partition) => ({ key: targetKey(version, topic, partition) })),
  )
}
