import { ErrorCode, ListPartitionReassignments, type ResponseOf } from '@odradek/protocol'
import { CLUSTER_RESOURCE } from '../authorizer.ts'
import type { PartitionView, TopicView } from '../cluster-view.ts'
import { handler } from '../handler.ts'

type Response = ResponseOf<typeof ListPartitionReassignments>

/** ListPartitionReassignments 0 (KIP-455): the moves that are under way; what is not there, or does not move, is left out. */
export const listPartitionReassignments = handler(
  ListPartitionReassignments,
  [0, 0],
  (request, context): Response => {
    if (!context.authorize('DESCRIBE', 'CLUSTER', CLUSTER_RESOURCE))
      return failed(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.')
    const { cluster } = context.services
    const asked =
      request.topics === null
        ? Array.from(cluster.topics(), (topic) => moving(topic, topic.partitions))
        : request.topics.flatMap(({ name, partitionIndexes }) => {
            const topic = cluster.topic(name)
            if (topic === undefined) return []
            return moving(
              topic,
              partitionIndexes.flatMap((index) => topic.partitions[index] ?? []),
            )
          })
    const topics = asked.filter(({ partitions }) => partitions.length > 0)
    return { errorCode: ErrorCode.NONE, errorMessage: null, topics }
  },
  { onBug: () => failed(ErrorCode.UNKNOWN_SERVER_ERROR, null) },
)

function moving({ name }: TopicView, partitions: readonly PartitionView[]): Response['topics'][number] {
  return {
    name,
    partitions: partitions.flatMap(({ index, replicas, reassignment }) => {
      if (reassignment === undefined) return []
      const { adding, removing } = reassignment
      return [{ partitionIndex: index, replicas, addingReplicas: adding, removingReplicas: removing }]
    }),
  }
}

function failed(errorCode: ErrorCode, errorMessage: string | null): Response {
  return { errorCode, errorMessage, topics: [] }
}
